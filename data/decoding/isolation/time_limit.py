"""How long a process may take: its processor time counts, and wall time only while it does nothing.

A busy machine gives a process little processor time. That alone is no reason to end it.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path

HANG_SECONDS = 300.0  # a network drive may need minutes to answer

_LONGEST_WAIT = 1.0  # seconds between two looks at the process
_CPU_LOOK_SECONDS = 0.25  # between two looks at its processor time, which cost a system call each
# Less processor time than this is no progress: a hanging decoder still runs the thread that watches
# its parent, which takes about 0.05 ms a second.
_LEAST_CPU_SECONDS = 0.1


class DecodeTimeout(Exception):
    """The process used more processor time than allowed."""


class DecodeHang(DecodeTimeout):
    """The process waits for something without end."""


def process_cpu_seconds(pid: int) -> float:
    """Processor time of all threads of process `pid`, user and system; 0 where it cannot be read."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
    except OSError:  # it has ended, or this system has no /proc
        return 0.0 if Path("/proc/self/stat").exists() else cpu_seconds_by_ps(pid)
    fields = stat.rpartition(")")[2].split()  # proc(5): from field 3 on
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_by_ps(pid: int) -> float:
    """`process_cpu_seconds` by the program ps, for systems without /proc, such as macOS."""
    command = ["ps", "-o", "time=", "-p", str(pid)]
    try:
        shown = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return 0.0
    days, _, clock = shown.rpartition("-")  # [[dd-]hh:]mm:ss (POSIX)
    seconds = 0.0
    for part in clock.split(":"):
        seconds = 60 * seconds + float(part or 0)
    return 86_400 * int(days or 0) + seconds


class TimeLimit:
    """The limits of process `pid` from now on, checked while its parent waits for it.

    `cpu_seconds` is the processor time that it may use; it may be raised meanwhile. `hang_seconds`
    is the wall time of waiting in which it must send something or use processor time.
    """

    def __init__(self, pid: int, cpu_seconds: float, hang_seconds: float) -> None:
        self.cpu_seconds = cpu_seconds
        self._pid = pid
        self._hang_seconds = hang_seconds
        self._cpu_at_start = self._cpu_at_progress = process_cpu_seconds(pid)
        self._idle = 0.0  # seconds waited since its last progress
        self._next_look = 0.0

    def wait(self, poll: select.poll) -> bool:
        """Whether there is something to read; waits for it up to a second.

        Raises DecodeTimeout, DecodeHang.
        """
        begin = time.monotonic()
        if begin >= self._next_look:
            self._next_look = begin + _CPU_LOOK_SECONDS
            self._check_cpu()
        left = self._hang_seconds - self._idle
        if left <= 0:
            raise DecodeHang(f"nothing happened for {self._hang_seconds:g} s")
        at_most = min(left, _LONGEST_WAIT)
        if poll.poll(1000 * at_most):
            self._idle = 0.0
            return True
        # No more than was asked for: where it took longer, this process was stopped, and so was
        # the other one (Ctrl-Z).
        self._idle += min(time.monotonic() - begin, at_most)
        return False

    def _check_cpu(self) -> None:
        cpu = process_cpu_seconds(self._pid)
        used = cpu - self._cpu_at_start
        if used > self.cpu_seconds:
            raise DecodeTimeout(
                f"it used {used:.1f} s of processor time, and {self.cpu_seconds:.1f} s are allowed"
            )
        if cpu - self._cpu_at_progress >= _LEAST_CPU_SECONDS:
            self._cpu_at_progress = cpu
            self._idle = 0.0
