"""The process that writes a run: `run.json` in the folder of the run, beside its log.

ML Metadata does not know processes. A run whose process was killed stays RUNNING there for ever. This file tells a
run that is running from one that was killed: by the id of the process and the time when it started, since ids of
processes are used again.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.data import atomic

RUN_FILE = "run.json"  # in the folder of the run
RUNNING, DONE, FAILED, KILLED, UNKNOWN = "running", "done", "failed", "killed", "unknown"
_STATE, _START_TIME = 0, 19  # in /proc/PID/stat, after the name of the program
_DEAD_STATES = "ZX"


class RunProcess(NamedTuple):
    """Content of RUN_FILE."""

    pipeline: str
    name: str | None  # that the user gave the run
    host: str
    boot: str  # id of the host's start
    pid: int
    process_start: int  # clock ticks from the host's start to that of the process
    started: float  # of the run; seconds since 1970
    pipeline_run: str | None = (
        None  # id of the run in ML Metadata; None until the first node starts
    )
    state: str = RUNNING  # RUNNING, DONE or FAILED
    ended: float | None = None  # seconds since 1970
    node: str | None = None  # that failed
    error: str | None = None  # the cause of the failure, one line


def this_process(pipeline: str, name: str | None) -> RunProcess:
    """The record of a run that this process starts now."""
    pid = os.getpid()
    start = _process_start(pid)
    return RunProcess(
        pipeline, name, socket.gethostname(), _boot_id(), pid, start or 0, time.time()
    )


def write_run_process(folder: Path, process: RunProcess) -> None:
    """Writes RUN_FILE into the existing `folder`. Raises OSError."""
    content = json.dumps(process._asdict(), indent=2) + "\n"
    atomic.write_file(folder / RUN_FILE, content.encode())


def read_run_process(folder: Path) -> RunProcess | None:
    """Reads RUN_FILE. None: there is none, or it is not valid, as after a full disk."""
    try:
        values = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        known: Mapping[str, Any] = {key: values[key] for key in RunProcess._fields if key in values}
        return RunProcess(**known)
    except (OSError, ValueError, TypeError):
        return None


def current_state(process: RunProcess) -> str:
    """RUNNING, DONE, FAILED or KILLED. UNKNOWN: it runs on another host, which this one cannot see."""
    if process.state != RUNNING:
        return process.state
    if process.host != socket.gethostname():
        return UNKNOWN
    if process.boot != _boot_id() or process.process_start != _process_start(process.pid):
        return KILLED
    return RUNNING


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _process_start(pid: int) -> int | None:
    """Clock ticks from the host's start to that of the process. None: there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[_STATE] in _DEAD_STATES else int(fields[_START_TIME])
