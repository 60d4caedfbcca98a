"""Tries a model in a new process, within limits of time and memory."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.signature_requests import REQUESTS

_PROGRAM = Path(__file__).with_name("model_process.py")
_SECONDS_BETWEEN_LOOKS = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LONGEST_REASON = 500  # characters


class Trial(NamedTuple):
    """How a model did."""

    reason: str | None  # why it cannot be served; None if it can
    seconds: float
    memory_mb: int  # peak of the process, where the system tells


def try_model(folder: str, config: InfraValidatorConfig) -> Trial:
    """Loads a SavedModel with TensorFlow alone, and calls each of its signatures with a small request.

    The process runs on the CPU, because this process may hold the memory of all GPUs. It is killed at the limits. Its
    memory is looked at every 20 ms, on Linux only.

    Args:
        folder: Folder of the SavedModel, local or an address.
        config: The limits.

    Returns:
        Why the model cannot be served, if so, and what it took.
    """
    with tempfile.TemporaryDirectory() as scratch:
        output, log = Path(scratch, "output"), Path(scratch, "log")
        with output.open("wb") as out, log.open("wb") as err:
            process = subprocess.Popen(
                # -I: no module of this project can be imported from the working directory or PYTHONPATH.
                [sys.executable, "-I", str(_PROGRAM), os.fspath(folder), json.dumps(REQUESTS)],
                env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        start = time.monotonic()
        exceeded, memory_mb = _watch(process, config)
        seconds = time.monotonic() - start
        logging.info("log of the model process:\n%s", log.read_text(errors="replace"))
        steps = output.read_text(errors="replace").splitlines() or ["starting"]
    reason = f"{exceeded} while {steps[-1]}" if exceeded else _reason(steps, process.returncode)
    return Trial(reason, seconds, memory_mb)


def _watch(
    process: subprocess.Popen[bytes], config: InfraValidatorConfig
) -> tuple[str | None, int]:
    """Waits for the end. Returns the limit that the process exceeded, if any, and its peak memory in MB."""
    end = time.monotonic() + config.max_seconds
    peak = 0
    try:
        while process.poll() is None:
            peak = max(peak, _memory_mb(process.pid))
            if peak > config.max_memory_mb:
                return f"it needs more than max_memory_mb={config.max_memory_mb}", peak
            if time.monotonic() > end:
                return f"it is not done after max_seconds={config.max_seconds:g}", peak
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    finally:
        process.kill()
        process.wait()
    return None, peak


def _memory_mb(pid: int) -> int:
    with suppress(OSError):  # the process has just ended, or the system has no /proc
        resident = Path(f"/proc/{pid}/statm").read_text().split()[1:2]
        return sum(map(int, resident)) * _PAGE_BYTES // 1_000_000
    return 0


def _reason(steps: list[str], status: int) -> str | None:
    """What the process says, or its exit status if it says nothing."""
    *before, last = steps
    if status == 0 and last == "done":
        return None
    if status == 0 and last.startswith("failed: "):
        step = before[-1] if before else "starting"
        return f"{step} failed: {last.removeprefix('failed: ')}"[:_LONGEST_REASON]
    ended = signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"its process ended with {ended} while {last}"
