"""What the processes that decode take of the machine (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mocogan.data.decoding.isolation.time_limit import process_cpu_seconds

_INTERVAL = 0.01  # seconds; a process's own high-water mark keeps what lies between


class ChildrenUse:
    """What the processes below this one have used since this was made."""

    def __init__(self) -> None:
        # The latest look counts: until a new process runs its own program it has its parent's mark.
        self._peaks: dict[int, int] = {}
        pids = _descendants(os.getpid())
        self._cpu_at_start = {pid: process_cpu_seconds(pid) for pid in pids}
        self._cpu: dict[int, float] = {}

    def look(self) -> None:
        """Notes what they use now."""
        for pid in _descendants(os.getpid()):
            self._peaks[pid] = _peak(pid) or self._peaks.get(pid, 0)
            self._cpu[pid] = max(process_cpu_seconds(pid), self._cpu.get(pid, 0.0))

    @property
    def peak_bytes(self) -> int:
        """The most bytes that one process held in memory."""
        return max(self._peaks.values(), default=0)

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all of them."""
        return sum(cpu - self._cpu_at_start.get(pid, 0.0) for pid, cpu in self._cpu.items())


@contextmanager
def children_use() -> Iterator[ChildrenUse]:
    """Watches the processes below this one until the block ends."""
    stop = threading.Event()
    use = ChildrenUse()

    def watch() -> None:
        while not stop.wait(_INTERVAL):
            use.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield use
    finally:
        stop.set()
        watcher.join()


def _descendants(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [
            int(child) for task in tasks for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return []
    return [*children, *(below for child in children for below in _descendants(child))]


def _peak(pid: int) -> int:
    """Bytes of the process's high-water mark, 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
