"""Schedules on this machine: made, listed, paused, changed and deleted."""

from __future__ import annotations

import datetime
import os
import shutil
import sys
import time
import zoneinfo
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from mocogan.data.address import is_remote
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.engines.local import crontab, programs, timer
from mocogan.pipeline.engines.local.definition import (
    CRON,
    SYSTEMD,
    BadDefinition,
    Definition,
    all_definitions,
    check_name,
    delete_definition,
    kept_environment,
    read_last_run,
    schedules_folder,
    write_definition,
)
from mocogan.pipeline.engines.local.programs import NoScheduler
from mocogan.pipeline.engines.scheduling.cron import Cron, parse_cron, time_zone
from mocogan.pipeline.engines.scheduling.schedule import (
    ACTIVE,
    BROKEN,
    PAUSED,
    Schedule,
    WantedSchedule,
    check_is_new,
    check_is_of,
    find_schedule,
)

_SCHEDULERS: dict[str, ModuleType] = {SYSTEMD: timer, CRON: crontab}
_LOCAL_TIME = Path("/etc/localtime")


class LocalRequest(NamedTuple):
    """A schedule that is to be installed, and the configuration of its runs."""

    definition: Definition
    config: str  # YAML

    def as_text(self) -> str:
        """What is written: unit files, or lines of the crontab."""
        if self.definition.via == CRON:
            return "crontab\n" + "".join(
                f"  {line}\n" for line in crontab.crontab_lines(self.definition)
            )
        files = timer.unit_files(self.definition).items()
        return "\n".join(f"{path}\n{_indented(content)}" for path, content in files)


class LocalSchedules:
    """The schedules of this user on this machine. All methods raise NoScheduler if the scheduler fails.

    Args:
        via: SYSTEMD or CRON, for new schedules. None: what this machine has.
    """

    def __init__(self, via: str | None = None) -> None:
        self._via = via
        self.default_zone = _machine_zone()

    def connect(self) -> None:
        """Looks for a scheduler. Raises NoScheduler."""
        self._via = self._via or programs.available()

    def check_zone(self, zone: str) -> None:
        """Raises BadTimeZone if the scheduler cannot use the time zone."""
        self.connect()
        _check_zone(self._via, zone)

    def request(self, wanted: WantedSchedule) -> LocalRequest:
        """The schedule that is to be installed. Raises BadDefinition."""
        check_name(wanted.name)
        self.connect()
        assert self._via is not None
        config = wanted.config
        if is_remote(config.out):
            raise BadDefinition(f"out={config.out}: runs on this machine need a folder of it")
        definition = Definition(
            name=wanted.name,
            home=str(schedules_folder() / wanted.name),
            cron=wanted.cron.text,
            time_zone=wanted.zone,
            pipeline=config.pipeline_name,
            out=config.out,
            via=self._via,
            program=_program(),
            environment=kept_environment(),
            run_name=config.run_name or wanted.name,
        )
        return LocalRequest(definition, to_yaml(config))

    def request_text(self, request: LocalRequest) -> str:
        """What is written, for the eye."""
        return request.as_text()

    def all(self) -> list[Schedule]:
        """All schedules."""
        return [_schedule(definition) for definition in all_definitions()]

    def find(self, name: str) -> Schedule:
        """The schedule with this name. Raises NoSuchSchedule."""
        return find_schedule(self.all(), name, "this machine")

    def create(self, request: LocalRequest) -> Schedule:
        """Installs a schedule. Raises ScheduleExists."""
        check_is_new(self.all(), request.definition.name)
        try:
            return self._install(request.definition, request.config)
        except NoScheduler:
            delete_definition(request.definition)
            raise

    def pause(self, schedule: Schedule) -> None:
        """No run starts until the schedule is resumed. A run that is running continues."""
        definition = _definition(schedule)
        _SCHEDULERS[definition.via].remove(definition.name)
        write_definition(definition._replace(paused=True))

    def resume(self, schedule: Schedule) -> Schedule:
        """Runs start again. Times that passed meanwhile are left out."""
        return self._install(_definition(schedule)._replace(paused=False), None)

    def delete(self, schedule: Schedule) -> None:
        """Deletes the schedule. Its runs and its log stay."""
        definition = _definition(schedule)
        _SCHEDULERS[definition.via].remove(definition.name)
        delete_definition(definition)

    def change_times(self, schedule: Schedule, cron: Cron, zone: str) -> Schedule:
        """Changes the times of a schedule, and nothing else."""
        definition = _definition(schedule)
        _check_zone(definition.via, zone)
        return self._install(definition._replace(cron=cron.text, time_zone=zone), None)

    def replace(self, schedule: Schedule, request: LocalRequest) -> Schedule:
        """Changes the times, the configuration and the program of a schedule. A paused one stays paused."""
        check_is_of(schedule, request.definition.pipeline)
        old = _definition(schedule)
        if old.via != request.definition.via:
            _SCHEDULERS[old.via].remove(old.name)
        return self._install(request.definition._replace(paused=old.paused), request.config)

    def is_changed(self, schedule: Schedule, request: LocalRequest) -> bool:
        """Whether the content that a request asks for differs from that of the schedule."""
        old = _definition(schedule)
        wanted = request.definition._replace(paused=old.paused)
        return wanted != old or request.config != old.config.read_text(encoding="utf-8")

    def _install(self, definition: Definition, config: str | None) -> Schedule:
        write_definition(definition, config)
        if not definition.paused:
            _SCHEDULERS[definition.via].install(definition)
        return _schedule(definition)


def _check_zone(via: str | None, zone: str) -> None:
    if via == CRON:
        crontab.check_cron_zone(zone)


def _machine_zone() -> str:
    """The name of this machine's time zone. UTC if it has none."""
    target = os.path.realpath(_LOCAL_TIME)
    _, found, name = target.partition("zoneinfo/")
    return name if found and name in zoneinfo.available_timezones() else "UTC"


def _definition(schedule: Schedule) -> Definition:
    (definition,) = (d for d in all_definitions() if d.name == schedule.name)
    return definition


def _schedule(definition: Definition) -> Schedule:
    state = PAUSED if definition.paused else ACTIVE
    if state == ACTIVE and not _SCHEDULERS[definition.via].is_installed(definition):
        state = BROKEN  # the timer or the line was removed by other means
    times = parse_cron(definition.cron).due_times(time_zone(definition.time_zone), time.time())
    last = read_last_run(definition.folder)
    return Schedule(
        name=definition.name,
        id=definition.name,
        state=state,
        cron=definition.cron,
        time_zone=definition.time_zone,
        pipeline=definition.pipeline,
        next_run=next(times, None) if state == ACTIVE else None,
        details={
            "out": definition.out,
            "config": str(definition.config),
            "via": definition.via,
            "command": " ".join(definition.command),
            "log": str(definition.log),
            "last_run": last and f"{_when(last.ended)}: {last.result}",
            "last_message": last and last.message,
        },
    )


def _program() -> str:
    beside = Path(sys.executable).with_name("mocogan")
    program = str(beside) if beside.exists() else shutil.which("mocogan")
    if program is None:
        raise BadDefinition(f"there is no program mocogan beside {sys.executable} or on PATH")
    return program


def _when(seconds: float) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
