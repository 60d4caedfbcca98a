"""Schedules as text and as JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from mocogan.pipeline.engines.scheduling.cron import BadTimeZone, time_zone
from mocogan.pipeline.engines.scheduling.schedule import Schedule
from mocogan.pipeline.runs.columns import aligned, facts_text

_HEAD = ("name", "state", "cron", "time zone", "next run", "pipeline", "id")


def schedules_table(schedules: Sequence[Schedule]) -> str:
    """A row per schedule."""
    rows = (
        [
            schedule.name,
            schedule.state,
            schedule.cron,
            schedule.time_zone,
            next_run_text(schedule),
            schedule.pipeline,
            "" if schedule.id == schedule.name else schedule.id,
        ]
        for schedule in schedules
    )
    return aligned(_HEAD, rows)


def schedule_details(schedule: Schedule) -> str:
    """A line per fact."""
    return facts_text(
        [
            ("name", schedule.name),
            ("id", None if schedule.id == schedule.name else schedule.id),
            ("state", schedule.state),
            ("cron", schedule.cron),
            ("time zone", schedule.time_zone),
            ("next run", next_run_text(schedule)),
            ("pipeline", schedule.pipeline),
            *((name.replace("_", " "), _text(value)) for name, value in schedule.details.items()),
        ]
    )


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """All facts. The next run is in seconds since 1970."""
    return {**schedule._asdict(), "details": dict(schedule.details)}


def next_run_text(schedule: Schedule) -> str:
    """The next time in the zone of the schedule, such as "2026-12-02 03:00". Empty if it is not known."""
    if schedule.next_run is None:
        return ""
    try:
        zone: datetime.tzinfo = time_zone(schedule.time_zone)
    except BadTimeZone:
        zone = datetime.timezone.utc
    return f"{datetime.datetime.fromtimestamp(schedule.next_run, zone):%Y-%m-%d %H:%M %Z}"


def _text(value: Any) -> str | None:
    if value in (None, "", {}):
        return None
    return json.dumps(value) if isinstance(value, dict) else str(value)
