"""Timers of the user's systemd manager that start scheduled runs."""

from __future__ import annotations

import os
from pathlib import Path

from mocogan.data import atomic
from mocogan.pipeline.engines.local.definition import Definition
from mocogan.pipeline.engines.local.programs import NoScheduler, run, run_checked
from mocogan.pipeline.engines.scheduling.cron import parse_cron


def unit_files(definition: Definition) -> dict[Path, str]:
    """The service and the timer of a schedule: their paths and contents."""
    command = " ".join(map(_quoted, definition.command))
    events = parse_cron(definition.cron).for_systemd(definition.time_zone)
    service = f"""\
[Unit]
Description=mocogan schedule {definition.name}

[Service]
Type=oneshot
ExecStart={command}
"""
    timer = f"""\
[Unit]
Description=mocogan schedule {definition.name}

[Timer]
{"".join(f"OnCalendar={event}" + chr(10) for event in events)}Persistent=false

[Install]
WantedBy=timers.target
"""
    unit = _unit(definition.name)
    return {_folder() / f"{unit}.service": service, _folder() / f"{unit}.timer": timer}


def install(definition: Definition) -> None:
    """Writes the units and starts the timer. Raises NoScheduler."""
    try:
        for path, content in unit_files(definition).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_file(path, content.encode())
    except OSError as error:
        raise NoScheduler(f"cannot write {error.filename}: {error.strerror}") from None
    run_checked("systemctl", "--user", "daemon-reload")
    run_checked("systemctl", "--user", "enable", f"{_unit(definition.name)}.timer")
    # A timer that is active keeps its old times until it starts again.
    run_checked("systemctl", "--user", "restart", f"{_unit(definition.name)}.timer")


def remove(name: str) -> None:
    """Stops the timer and deletes the units. A run that is running continues. Raises NoScheduler."""
    paths = [_folder() / f"{_unit(name)}.{kind}" for kind in ("service", "timer")]
    if not any(path.exists() for path in paths):
        return
    run_checked("systemctl", "--user", "disable", "--now", f"{_unit(name)}.timer")
    for path in paths:
        path.unlink(missing_ok=True)
    run_checked("systemctl", "--user", "daemon-reload")


def is_installed(definition: Definition) -> bool:
    """Whether the timer of a schedule waits for its next time. Raises NoScheduler."""
    return (
        run("systemctl", "--user", "is-active", f"{_unit(definition.name)}.timer").returncode == 0
    )


def _unit(name: str) -> str:
    return f"mocogan-{name}"


def _folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base, "systemd", "user")


def _quoted(word: str) -> str:
    """A word of ExecStart. systemd replaces $ and %, and reads backslashes and quotes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(character in word for character in " \t;'\"\\") else escaped
