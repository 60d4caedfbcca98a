"""A schedule of this machine: what runs when. It is a folder with `schedule.json` and the configuration of its runs."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.data import atomic
from mocogan.pipeline.errors import ExpectedError

DEFINITION_FILE, CONFIG_FILE, LAST_FILE = "schedule.json", "config.yaml", "last.json"
SYSTEMD, CRON = "systemd", "cron"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # it names files and units

# What a run needs from the shell in which the schedule was made. Secrets are left out.
_KEPT_VARIABLES = (
    "PATH",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "TMPDIR",
    "TZ",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "MOCOGAN_METADATA_PASSWORD_FILE",
)


class BadDefinition(ExpectedError):
    """A name that cannot be used, or a folder that cannot be read or written."""


class Definition(NamedTuple):
    """Content of DEFINITION_FILE."""

    name: str
    home: str  # folder of the schedule; cron does not have XDG_CONFIG_HOME
    cron: str  # five fields
    time_zone: str
    pipeline: str
    out: str  # output folder of the runs
    via: str  # SYSTEMD or CRON
    program: str  # path of `mocogan`
    environment: dict[str, str]
    run_name: str
    paused: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the schedule."""
        return Path(self.home)

    @property
    def config(self) -> Path:
        """The configuration of the runs."""
        return self.folder / CONFIG_FILE

    @property
    def log(self) -> Path:
        """What the runs printed."""
        return Path(self.out, "runs", f"schedule-{self.name}.log")

    @property
    def command(self) -> list[str]:
        """The command that the timer starts."""
        return [self.program, "schedule", "run", str(self.folder)]


class LastRun(NamedTuple):
    """Content of LAST_FILE: how the last scheduled run ended."""

    started: float  # seconds since 1970
    ended: float
    result: str  # done, failed or skipped
    message: str | None = None


def schedules_folder() -> Path:
    """The folder with a folder for each schedule of this user."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base, "mocogan", "schedules")


def check_name(name: str) -> None:
    """Raises BadDefinition if a name cannot be that of files."""
    if not _NAME.fullmatch(name):
        raise BadDefinition(
            f"schedule name {name!r} is not valid: use at most 64 letters, digits, - and _"
        )


def kept_environment() -> dict[str, str]:
    """The variables of this process that scheduled runs get."""
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}


def write_definition(definition: Definition, config: str | None = None) -> None:
    """Writes a schedule, and the configuration of its runs if there is a new one. Raises BadDefinition."""
    try:
        definition.folder.mkdir(parents=True, exist_ok=True)
        if config is not None:
            atomic.write_file(definition.config, config.encode())
        _write(definition.folder / DEFINITION_FILE, definition._asdict())
    except OSError as error:
        raise BadDefinition(f"cannot write {error.filename}: {error.strerror}") from None


def read_definition(folder: Path) -> Definition:
    """Reads a schedule from its folder. Raises BadDefinition."""
    try:
        return Definition(**_read(folder / DEFINITION_FILE))
    except (OSError, ValueError, TypeError) as error:
        raise BadDefinition(f"cannot read the schedule in {folder}: {error}") from None


def all_definitions() -> list[Definition]:
    """All schedules of this user, by name. Raises BadDefinition."""
    found = schedules_folder().glob(f"*/{DEFINITION_FILE}")
    return [read_definition(path.parent) for path in sorted(found)]


def delete_definition(definition: Definition) -> None:
    """Deletes the folder of a schedule."""
    shutil.rmtree(definition.folder)


def write_last_run(folder: Path, last: LastRun) -> None:
    """Records how a scheduled run ended. Raises OSError."""
    _write(folder / LAST_FILE, last._asdict())


def read_last_run(folder: Path) -> LastRun | None:
    """How the last scheduled run ended. None: there was none."""
    try:
        return LastRun(**_read(folder / LAST_FILE))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, content: dict[str, Any]) -> None:
    atomic.write_file(path, (json.dumps(content, indent=2) + "\n").encode())


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
