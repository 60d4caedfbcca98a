"""Lines in the user's crontab that start scheduled runs. Other lines stay as they are."""

from __future__ import annotations

import datetime
import itertools
import shlex
import time
import zoneinfo
from pathlib import Path

from mocogan.pipeline.engines.local.definition import Definition
from mocogan.pipeline.engines.local.programs import NoScheduler, run, run_checked
from mocogan.pipeline.engines.scheduling.cron import BadTimeZone, time_zone

_MARK = "# mocogan schedule "
_COMMAND = " schedule run "  # in the line after the mark, unless somebody deleted it
_NOTHING = "no crontab for"  # cron's answer before the first line
_LOCAL_TIME = Path("/etc/localtime")
_DAYS = 400  # for which two time zones are compared


def crontab_lines(definition: Definition) -> list[str]:
    """The two lines of a schedule: a comment with its name, and the time with the command."""
    command = shlex.join(definition.command).replace("%", r"\%")  # cron makes a line break of %
    return [f"{_MARK}{definition.name}", f"{definition.cron} {command}"]


def check_cron_zone(zone: str) -> None:
    """Raises BadTimeZone if a time zone has other times than the clock of this machine, which cron uses."""
    wanted, machine, now = time_zone(zone), _machine_zone(), time.time()
    for day in range(_DAYS):
        moment = now + day * 86400
        offsets = {
            datetime.datetime.fromtimestamp(moment, place).utcoffset()
            for place in (wanted, machine)
        }
        if len(offsets) > 1:
            raise BadTimeZone(
                f"cron uses the time zone of this machine, which differs from {zone}. Use --via systemd, "
                "or leave out --time-zone"
            )


def install(definition: Definition) -> None:
    """Puts the lines of a schedule into the crontab, in place of earlier ones. Raises NoScheduler."""
    _write([*_without(definition.name, _read()), *crontab_lines(definition)])


def remove(name: str) -> None:
    """Takes the lines of a schedule out of the crontab. Raises NoScheduler."""
    lines = _read()
    kept = _without(name, lines)
    if kept != lines:
        _write(kept)


def is_installed(definition: Definition) -> bool:
    """Whether the crontab has the lines of a schedule. Raises NoScheduler."""
    mark, line = crontab_lines(definition)
    lines = _read()
    return any(pair == (mark, line) for pair in itertools.pairwise(lines))


def _read() -> list[str]:
    done = run("crontab", "-l")
    if done.returncode and _NOTHING not in done.stderr:
        raise NoScheduler(f"crontab -l failed: {' '.join(done.stderr.split())}")
    return done.stdout.splitlines() if done.returncode == 0 else []


def _write(lines: list[str]) -> None:
    run_checked("crontab", "-", text="".join(f"{line}\n" for line in lines))


def _without(name: str, lines: list[str]) -> list[str]:
    kept, follows_mark = [], False
    for line in lines:
        is_mark = line == f"{_MARK}{name}"
        if not is_mark and not (follows_mark and _COMMAND in line):
            kept.append(line)
        follows_mark = is_mark
    return kept


def _machine_zone() -> datetime.tzinfo:
    try:
        with _LOCAL_TIME.open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return datetime.timezone.utc
