"""Time limits of a process. Processor time counts. Wall time counts only while the process does nothing.

Thus a busy machine, on which a process gets little processor time, does not cause a timeout.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path

HANG_SECONDS = 300.0  # a network drive may need minutes to answer

_LONGEST_WAIT = 1.0  # seconds between two checks of the process
_CPU_LOOK_SECONDS = 0.25  # between two checks of the processor time, which need a system call
# Less processor time than this is not progress. A hanging decoder still runs the thread that watches
# the parent, which needs about 0.05 ms per second.
_LEAST_CPU_SECONDS = 0.1


class DecodeTimeout(Exception):
    """The process used more processor time than allowed."""


class DecodeHang(DecodeTimeout):
    """The process sends nothing and uses no processor time."""


def process_cpu_seconds(pid: int) -> float:
    """Returns the user and system time of all threads of process `pid` in seconds, or 0 if unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
    except OSError:  # the process has ended, or this system has no /proc
        return 0.0 if Path("/proc/self/stat").exists() else cpu_seconds_by_ps(pid)
    fields = stat.rpartition(")")[2].split()  # proc(5): from field 3 on
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_by_ps(pid: int) -> float:
    """Does what `process_cpu_seconds` does with the program ps, for systems without /proc such as macOS."""
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
    """Time limits of process `pid` that start now and are checked while its parent waits.

    `cpu_seconds` is the processor time that the process may use. It can be raised later. Within
    `hang_seconds` of waiting (wall time) the process must send something or use processor time.
    """

    def __init__(self, pid: int, cpu_seconds: float, hang_seconds: float) -> None:
        self.cpu_seconds = cpu_seconds
        self._pid = pid
        self._hang_seconds = hang_seconds
        self._cpu_at_start = self._cpu_at_progress = process_cpu_seconds(pid)
        self._idle = 0.0  # seconds waited since the last progress
        self._next_look = 0.0

    def wait(self, poll: select.poll) -> bool:
        """Waits up to a second for data and tells whether there is any to read.

        Raises DecodeTimeout or DecodeHang.
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
        # A longer wait than requested means that this process was stopped (Ctrl-Z), and the other one
        # too. Only the requested time counts.
        self._idle += min(time.monotonic() - begin, at_most)
        return False

    def _check_cpu(self) -> None:
        cpu = process_cpu_seconds(self._pid)
        used = cpu - self._cpu_at_start
        if used > self.cpu_seconds:
            raise DecodeTimeout(
                f"it used {used:.1f} s of processor time, but only {self.cpu_seconds:.1f} s are allowed"
            )
        if cpu - self._cpu_at_progress >= _LEAST_CPU_SECONDS:
            self._cpu_at_progress = cpu
            self._idle = 0.0
