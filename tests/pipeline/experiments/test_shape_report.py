from __future__ import annotations

import json
from typing import Any

import pytest

from mocogan.pipeline.experiments.shape_report import ROWS, as_table, rounded


def figures(**changes: Any) -> dict[str, Any]:
    keys = {row.figure for row in ROWS} | {row.real for row in ROWS if row.real}
    return {**dict.fromkeys(keys, 1.0), "acd": 0.0, "steps": 7, **changes}


def verdict(table: str, figure: str) -> str:
    [line] = [line for line in table.splitlines() if line.split()[0] == figure]
    return next((end for end in ("not measured", "missed", "ok") if line.endswith(end)), "")


@pytest.mark.parametrize(
    ("figure", "reached", "said"),
    [
        ("found", 0.95, "ok"),
        ("found", 0.949, "missed"),
        ("acd", 5.0, "ok"),
        ("acd", 5.1, "missed"),
        ("acd", None, "not measured"),
        ("modes", 0.89, "missed"),
        ("class_control", 0.9, "ok"),
        ("class_control", None, "not measured"),
        ("content_kept", 0.1, ""),
    ],
)
def test_what_is_said_of_a_figure(figure: str, reached: float | None, said: str) -> None:
    assert verdict(as_table(figures(**{figure: reached})), figure) == said


@pytest.mark.parametrize(
    ("travel", "said"), [(29.9, "missed"), (30.0, "ok"), (50.0, "ok"), (50.1, "missed")]
)
def test_travel_is_compared_with_the_real(travel: float, said: str) -> None:
    assert verdict(as_table(figures(travel=travel, travel_real=40.0)), "travel") == said


def test_figures_stand_beside_the_real_ones() -> None:
    lines = as_table(figures(found=0.5, found_real=0.75)).splitlines()
    assert lines[1].split()[:3] == ["found", "0.500", "0.750"]


def test_what_was_not_measured_has_its_line() -> None:
    measured = figures()
    del measured["content_kept"]
    [line] = [line for line in as_table(measured).splitlines() if "content_kept" in line]
    assert line.split() == ["content_kept", "-", "-"]


def test_rounding_leaves_all_else_alone() -> None:
    given = {"a": 0.123456, "b": None, "c": 3, "d": "text", "e": [0.123456]}
    assert rounded(given) == {**given, "a": 0.1235}
    assert json.loads(json.dumps(rounded(given))) == rounded(given)
