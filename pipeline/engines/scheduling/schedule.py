"""What all schedules have in common, on whatever they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.compiled_spec import CompiledSpec
from mocogan.pipeline.engines.scheduling.cron import Cron
from mocogan.pipeline.errors import ExpectedError

LOCAL = "local"  # the engine of this machine

ACTIVE, PAUSED, ENDED, BROKEN = "active", "paused", "ended", "broken"


class Schedule(NamedTuple):
    """A schedule as its engine knows it."""

    name: str
    id: str
    state: str  # ACTIVE, PAUSED, ENDED or BROKEN
    cron: str  # five fields; what the engine has, if it is not of ours
    time_zone: str
    pipeline: str  # name of the pipeline
    next_run: float | None = None  # seconds since 1970; None: none, or not known
    details: Mapping[str, Any] = {}  # more facts for `show`


class WantedSchedule(NamedTuple):
    """What a user wants to run when."""

    name: str
    cron: Cron
    zone: str
    config: Config
    spec: CompiledSpec | None  # None on this machine
    parameters: Mapping[str, str]  # runtime parameters, as texts


class Schedules(Protocol):
    """The schedules of an engine. Each engine has requests of its own type."""

    default_zone: str  # for schedules without a time zone

    def connect(self) -> None:
        """Checks what can be checked before a pipeline is compiled."""

    def check_zone(self, zone: str) -> None:
        """Raises BadTimeZone if the engine cannot use a time zone that exists."""

    def request(self, wanted: WantedSchedule) -> Any:
        """The request that makes a schedule. Nothing is sent."""

    def request_text(self, request: Any) -> str:
        """A request for the eye."""

    def all(self) -> list[Schedule]:
        """All schedules."""

    def find(self, name: str) -> Schedule:
        """The schedule with a name or an id. Raises NoSuchSchedule."""

    def create(self, request: Any) -> Schedule:
        """Makes a schedule. Raises ScheduleExists."""

    def pause(self, schedule: Schedule) -> None:
        """No run starts until the schedule is resumed."""

    def resume(self, schedule: Schedule) -> Schedule:
        """Runs start again. Times that passed meanwhile are left out."""

    def delete(self, schedule: Schedule) -> None:
        """Deletes the schedule. Its runs stay."""

    def change_times(self, schedule: Schedule, cron: Cron, zone: str) -> Schedule:
        """Changes the times of a schedule, and nothing else."""

    def replace(self, schedule: Schedule, request: Any) -> Schedule:
        """Changes all of a schedule. A paused one stays paused."""

    def is_changed(self, schedule: Schedule, request: Any) -> bool:
        """Whether the content that a request asks for differs from that of the schedule."""


class NoSuchSchedule(ExpectedError):
    """No schedule has the name or the id."""


class ScheduleExists(ExpectedError):
    """A schedule with this name exists."""


def find_schedule(schedules: Sequence[Schedule], name: str, engine: str) -> Schedule:
    """The schedule with a name or an id.

    Args:
        schedules: All schedules of the engine.
        name: Name or id.
        engine: Name of the engine, for messages.

    Raises:
        NoSuchSchedule: There is none, or several have the name.
    """
    found = [s for s in schedules if name in (s.name, s.id, s.id.rpartition("/")[2])]
    if len(found) > 1:
        ids = ", ".join(schedule.id for schedule in found)
        raise NoSuchSchedule(f"{len(found)} schedules have the name {name!r}. Use an id: {ids}")
    if not found:
        names = ", ".join(sorted(schedule.name for schedule in schedules)) or "none"
        raise NoSuchSchedule(f"there is no schedule {name!r} on {engine}. It has: {names}")
    return found[0]


def check_is_new(schedules: Sequence[Schedule], name: str) -> None:
    """Raises ScheduleExists if a schedule has the name."""
    if any(schedule.name == name for schedule in schedules):
        raise ScheduleExists(
            f"a schedule {name!r} exists. `mocogan schedule update {name}` replaces it, or choose another --name"
        )


def check_is_of(schedule: Schedule, pipeline: str) -> None:
    """Raises ScheduleExists if the schedule runs another pipeline, which an update would take away."""
    if schedule.pipeline not in ("", pipeline):
        raise ScheduleExists(
            f"schedule {schedule.name!r} runs pipeline {schedule.pipeline!r}, not {pipeline!r}. "
            "Delete it first, or choose another name"
        )
