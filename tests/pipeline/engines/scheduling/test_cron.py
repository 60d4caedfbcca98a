from __future__ import annotations

import datetime
import itertools
import shutil
import subprocess
import zoneinfo

import pytest

from mocogan.pipeline.engines.scheduling.cron import (
    BadCron,
    BadTimeZone,
    parse_cron,
    time_zone,
)

CRONS = [
    "0 3 * * *",
    "*/20 8-18/5 * * 1-5",
    "5,35 0 1,15 * *",
    "0 12 29 2 *",
    "30 6 13 * FRI",
    "0 0 */10 JAN-mar 0,7",
    "15 */8 * */4 sat",
    "59 23 31 * *",
]


def next_times(cron: str, zone: str, after: str, count: int) -> list[str]:
    place = zoneinfo.ZoneInfo(zone)
    start = datetime.datetime.fromisoformat(after).replace(tzinfo=place)
    times = parse_cron(cron).due_times(place, start.timestamp())
    return [
        f"{datetime.datetime.fromtimestamp(time, place):%Y-%m-%d %H:%M}"
        for time in itertools.islice(times, count)
    ]


@pytest.mark.parametrize(
    ("cron", "values"),
    [
        ("*/20 * * * *", (0, 20, 40)),
        ("5-10 * * * *", (5, 6, 7, 8, 9, 10)),
        ("50/3 * * * *", (50, 53, 56, 59)),
        ("7,1-3/2 * * * *", (1, 3, 7)),
    ],
)
def test_a_field_has_lists_ranges_and_steps(cron: str, values: tuple[int, ...]):
    assert parse_cron(cron).minutes == values


def test_names_and_both_sundays_are_understood():
    cron = parse_cron("0 0 * JAN,dec FRI-7")
    assert cron.months == (1, 12)
    assert cron.weekdays == (0, 5, 6)
    assert parse_cron(" @Daily ").text == "0 0 * * *"


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 0 3 * * *", "has 6 fields, not 5 (minute, hour, day of month, month, day of week). "
         "Leave out the seconds: '0 3 * * *'"),
        ("3 * *", "has 3 fields, not 5"),
        ("60 * * * *", "the minute '60' is not within 0 to 59"),
        ("0 5-3 * * *", "the hour '5-3' is not within 0 to 23"),
        ("0 3 0 * *", "the day of month '0' is not within 1 to 31"),
        ("0 3 * * 8", "the day of week '8' is not within 0 to 7"),
        ("*/0 * * * *", "the minute '*/0' is not within"),
        ("0 x * * *", "the hour 'x' is not valid"),
        ("0 -1 * * *", "the hour '-1' is not valid"),
        ("0 3 L * *", "the day of month 'L' is not valid"),
        ("0 3 * FOO *", "the month 'FOO' is not valid"),
        ("0 3 ² * *", "the day of month '²' is not valid"),
        ("0 3 30,31 2 *", "is never due: no such month has a day 30"),
    ],
)  # fmt: skip
def test_a_bad_expression_is_an_error(cron: str, problem: str):
    with pytest.raises(BadCron) as refused:
        parse_cron(cron)
    assert problem in str(refused.value)


def test_either_day_is_enough_if_both_are_given():
    assert next_times("30 6 13 * FRI", "UTC", "2026-11-01", 3) == [
        "2026-11-06 06:30",
        "2026-11-13 06:30",
        "2026-11-20 06:30",
    ]
    assert next_times("30 6 */13 * FRI", "UTC", "2026-11-01", 2) == [
        "2026-11-27 06:30",  # both, because the first begins with *
        "2027-01-01 06:30",
    ]


def test_times_follow_the_clock_of_the_zone():
    assert next_times("30 2 * * *", "Europe/Berlin", "2026-03-27 12:00", 3) == [
        "2026-03-28 02:30",
        "2026-03-30 02:30",  # the clock goes from 02:00 to 03:00 on March 29
        "2026-03-31 02:30",
    ]
    assert next_times("0 0 29 2 *", "UTC", "2097-01-01", 1) == ["2104-02-29 00:00"]


def test_kubeflow_gets_seconds_and_weekdays_up_to_six():
    assert parse_cron("0 3 * * *").for_kubeflow() == "0 0 3 * * *"
    assert parse_cron("*/5 1-3 * JAN 5-7").for_kubeflow() == "0 */5 1-3 * JAN 0,5,6"
    assert parse_cron("0 3 1 * */2").for_kubeflow() == "0 0 3 1 * */2"


def test_a_step_without_an_end_gets_one():
    # Debian's cron refuses 5/10.
    assert parse_cron("5/10,*/7 0 1-3/2 FEB/4 *").text == "5-59/10,*/7 0 1-3/2 FEB-12/4 *"


def test_vertex_gets_the_zone():
    assert parse_cron("0  3 * * 7").for_vertex("Asia/Tokyo") == "TZ=Asia/Tokyo 0 3 * * 0"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("cron", CRONS)
def test_systemd_has_the_same_times(cron: str):
    parsed, zone = parse_cron(cron), "Europe/Berlin"
    after = datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)
    expected = list(
        itertools.islice(parsed.due_times(zoneinfo.ZoneInfo(zone), after.timestamp()), 12)
    )
    found: set[float] = set()
    for event in parsed.for_systemd(zone):
        shown = subprocess.run(
            [
                "systemd-analyze", "calendar", "--iterations=12", f"--base-time=@{after.timestamp():.0f}",
                event,
            ],
            capture_output=True,
            text=True,
            check=True,
            env={"TZ": "UTC", "LC_ALL": "C"},
        ).stdout  # fmt: skip
        for line in shown.splitlines():
            label, _, text = line.strip().partition(": ")
            if label.startswith(("Next elapse", "Iter.")):
                moment = datetime.datetime.strptime(text.strip(), "%a %Y-%m-%d %H:%M:%S UTC")
                found.add(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
    assert len(expected) > 1  # within the nine years that are searched
    assert sorted(found)[: len(expected)] == expected


@pytest.mark.parametrize("name", ["Berlin", "", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_an_error(name: str):
    with pytest.raises(BadTimeZone, match="unknown time zone"):
        time_zone(name)
