"""Waiting for other processes, however busy the machine is."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

HANG_SECONDS = 1200.0  # ends a test that hangs, not one on a slow machine


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Returns once `condition` holds; fails if `process` ends before, or after HANG_SECONDS."""
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert process.poll() is None, f"{process.args} has ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{process.args} hangs"
        time.sleep(0.01)
