"""Times in the syntax of cron: five fields, checked, and translated for each scheduler.

A day matches if the day of the month and the weekday match. If neither field begins with `*`, one of them is enough.
This is cron's own rule.
"""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Iterator
from typing import NamedTuple

from mocogan.pipeline.errors import ExpectedError

_EXAMPLE = '"0 3 * * *" is every day at 03:00'
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_SEARCHED_DAYS = 9 * 366  # there can be eight years between two days with the date February 29


class BadCron(ExpectedError):
    """Times that cron does not understand, or that never come."""


class BadTimeZone(ExpectedError):
    """A time zone that does not exist, or that the scheduler cannot use."""


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...]  # for `lowest`, `lowest` + 1 and so on


_FIELDS = (
    _Field("minute", 0, 59, ()),
    _Field("hour", 0, 23, ()),
    _Field("day of month", 1, 31, ()),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _WEEKDAYS),
)


class Cron(NamedTuple):
    """A cron expression: the text, and the values that each field matches."""

    text: str  # five fields with one space between them
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]  # of the month
    months: tuple[int, ...]
    weekdays: tuple[int, ...]  # 0 is Sunday

    @property
    def any_day(self) -> bool:
        """Whether the field of the days begins with `*`."""
        return self.text.split()[2].startswith("*")

    @property
    def any_weekday(self) -> bool:
        """Whether the field of the weekdays begins with `*`."""
        return self.text.split()[4].startswith("*")

    def for_vertex(self, zone: str) -> str:
        """The text for Vertex AI, such as `TZ=Europe/Berlin 0 3 * * *`."""
        return f"TZ={zone} {' '.join(self._with_weekdays_to_six())}"

    def for_kubeflow(self) -> str:
        """The text for Kubeflow: six fields, the first is the second."""
        return " ".join(["0", *self._with_weekdays_to_six()])

    def for_systemd(self, zone: str) -> list[str]:
        """The calendar events of a systemd timer. Cron's `or` of days and weekdays needs two of them."""
        minutes, hours, days, months = map(_list, self[1:5], _FIELDS)
        names = ",".join(_WEEKDAYS[day].title() for day in self.weekdays)
        every_day, every_weekday = f"*-{months}-*", f"{names} " if len(self.weekdays) < 7 else ""
        dates = [f"{every_weekday}*-{months}-{days}"]
        if not self.any_day and not self.any_weekday:
            dates = [f"*-{months}-{days}", f"{every_weekday}{every_day}"]
        return [f"{date} {hours}:{minutes}:00 {zone}" for date in dates]

    def due_times(self, zone: zoneinfo.ZoneInfo, after: float) -> Iterator[float]:
        """The times after `after`, in seconds since 1970. Times that a change of the clock skips are left out."""
        day = datetime.datetime.fromtimestamp(after, zone).date()
        for _ in range(_SEARCHED_DAYS):
            if self._is_due(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        time = datetime.datetime(
                            day.year, day.month, day.day, hour, minute, tzinfo=zone
                        )
                        seconds = time.timestamp()
                        exists = datetime.datetime.fromtimestamp(seconds, zone).hour == hour
                        if exists and seconds > after:
                            yield seconds
            day += datetime.timedelta(days=1)

    def _with_weekdays_to_six(self) -> list[str]:
        """The fields, with 0 as the only number of Sunday. Not every scheduler knows 7."""
        fields = self.text.split()
        if not self.any_weekday:
            fields[4] = ",".join(map(str, self.weekdays))
        return fields

    def _is_due(self, day: datetime.date) -> bool:
        in_days, in_weekdays = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        either = not self.any_day and not self.any_weekday
        matches = in_days or in_weekdays if either else in_days and in_weekdays
        return day.month in self.months and matches


def parse_cron(text: str) -> Cron:
    """Reads five fields of cron, or a name such as `@daily`.

    Args:
        text: Minute, hour, day of the month, month and weekday. Numbers, names of months and weekdays, `*`, lists,
            ranges and steps. Both 0 and 7 are Sunday.

    Returns:
        The expression.

    Raises:
        BadCron: the text has another number of fields, a value is not valid, or no such day exists.
    """
    fields = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(fields) != len(_FIELDS):
        raise BadCron(_wrong_count(text, fields))
    minutes, hours, days, months, weekdays = (
        _values(text, field, part) for field, part in zip(_FIELDS, fields, strict=True)
    )
    explicit = " ".join(map(_with_ends, _FIELDS, fields))
    cron = Cron(
        explicit, minutes, hours, days, months, tuple(sorted({day % 7 for day in weekdays}))
    )
    shortest = min(days)
    if cron.any_weekday and all(_MONTH_DAYS[month - 1] < shortest for month in months):
        raise BadCron(f"cron {text!r} is never due: no such month has a day {shortest}")
    return cron


def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone with this name in the IANA database, such as Europe/Berlin. Raises BadTimeZone."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadTimeZone(
            f"unknown time zone {name!r}. Name one of the IANA database, such as Europe/Berlin or UTC"
        ) from None


def _wrong_count(text: str, fields: list[str]) -> str:
    expected = "minute, hour, day of month, month, day of week"
    message = f"cron {text!r} has {len(fields)} fields, not 5 ({expected})"
    if len(fields) == len(_FIELDS) + 1:
        return f"{message}. Leave out the seconds: {' '.join(fields[1:])!r}"
    return f"{message}. {_EXAMPLE}"


def _values(text: str, field: _Field, part: str) -> tuple[int, ...]:
    values: set[int] = set()
    for element in part.split(","):
        span, slash, step_text = element.partition("/")
        low, dash, high = span.partition("-")
        try:
            if low == "*" and not dash:
                first, last = field.lowest, field.highest
            else:
                first = _number(field, low)
                last = _number(field, high) if dash else field.highest if slash else first
            step = int(step_text) if slash else 1
        except ValueError:
            raise BadCron(
                f"cron {text!r}: the {field.name} {element!r} is not valid. {_EXAMPLE}"
            ) from None
        if not field.lowest <= first <= last <= field.highest or step < 1:
            raise BadCron(
                f"cron {text!r}: the {field.name} {element!r} is not within {field.lowest} to {field.highest}"
            )
        values.update(range(first, last + 1, step))
    return tuple(sorted(values))


def _with_ends(field: _Field, part: str) -> str:
    """The text of a field, with `5/10` as `5-59/10`, which every scheduler knows."""
    return re.sub(r"(?<![^,])(\w+)/", rf"\1-{field.highest}/", part)


def _number(field: _Field, text: str) -> int:
    if text.upper() in field.names:
        return field.lowest + field.names.index(text.upper())
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def _list(values: tuple[int, ...], field: _Field) -> str:
    if len(values) == field.highest - field.lowest + 1:
        return "*"
    return ",".join(f"{value:02}" for value in values)
