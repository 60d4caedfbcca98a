"""One scheduled run: `mocogan run` with the configuration of the schedule, its output in a log."""

from __future__ import annotations

import datetime
import fcntl
import os
import subprocess
import time
from pathlib import Path

from mocogan.pipeline.engines.local.definition import (
    Definition,
    LastRun,
    read_definition,
    write_last_run,
)
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.runners.run_lock import AlreadyRunning, RunLock

DONE, FAILED, SKIPPED = "done", "failed", "skipped"

_LOCK_FILE = "lock"  # in the folder of the schedule
_LONGEST_MESSAGE = 300  # characters


class ScheduledRunFailed(ExpectedError):
    """A scheduled run failed. The message names the schedule, the cause and the log."""


def run_schedule(folder: Path) -> str:
    """Starts a run, unless one is running already, and waits for it.

    Args:
        folder: Folder of the schedule.

    Returns:
        DONE, or SKIPPED if the pipeline is running already.

    Raises:
        BadDefinition: the folder has no schedule.
        ScheduledRunFailed: the run failed.
    """
    definition, started = read_definition(folder), time.time()
    with (folder / _LOCK_FILE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            RunLock(definition.out, definition.pipeline).check()
        except (BlockingIOError, AlreadyRunning) as running:
            message = str(running) if isinstance(running, AlreadyRunning) else "it is still running"
            return _ends(definition, started, SKIPPED, message)
        status, message = _run(definition, started)
    if status == 0:
        return _ends(definition, started, DONE, None)
    _ends(definition, started, FAILED, message)
    raise ScheduledRunFailed(f"schedule {definition.name}: {message}. Log: {definition.log}")


def _run(definition: Definition, started: float) -> tuple[int, str]:
    """The exit status of `mocogan run`, and the cause if it failed."""
    command = [definition.program, "run", "--config", str(definition.config)]
    command += ["--name", definition.run_name]
    try:
        definition.log.parent.mkdir(parents=True, exist_ok=True)
        with definition.log.open("ab") as log:
            log.write(f"--- {_when(started)} {definition.name}\n".encode())
            log.flush()
            begin = log.tell()
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **definition.environment},
                check=False,
            )
    except OSError as error:
        return 1, f"cannot start it: {error}"
    return done.returncode, _cause(definition.log, begin, done.returncode)


def _cause(log: Path, begin: int, status: int) -> str:
    """The last error that a run printed."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines()
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return errors[-1][:_LONGEST_MESSAGE].rstrip(".") if errors else f"exit status {status}"


def _ends(definition: Definition, started: float, result: str, message: str | None) -> str:
    ended = time.time()
    write_last_run(definition.folder, LastRun(started, ended, result, message))
    line = f"--- {_when(ended)} {result}" + (f": {message}" if message else "")
    definition.log.parent.mkdir(parents=True, exist_ok=True)
    with definition.log.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")
    return result


def _when(seconds: float) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
