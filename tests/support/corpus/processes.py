"""What the processes that decode take of the machine (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_INTERVAL = 0.01  # seconds; a process's own high-water mark keeps what lies between


@contextmanager
def children_peak_memory() -> Iterator[Callable[[], int]]:
    """Yields a function: the most bytes that one process below this one held in memory since."""
    stop = threading.Event()
    # The latest look counts: until a new process runs its own program it has its parent's mark.
    peaks: dict[int, int] = {}

    def watch() -> None:
        while not stop.wait(_INTERVAL):
            for pid in _descendants(os.getpid()):
                peaks[pid] = _peak(pid) or peaks.get(pid, 0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: max(peaks.values(), default=0)
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
