from __future__ import annotations

from typing import Any

import pytest

from mocogan.pipeline.experiments.shape_report import ROWS, as_table


def metrics(**changes: Any) -> dict[str, Any]:
    keys = {row.metric for row in ROWS} | {row.real for row in ROWS if row.real}
    return {**dict.fromkeys(keys, 1.0), "acd": 0.0, "steps": 7, **changes}


def verdict(table: str, metric: str) -> str:
    [line] = [line for line in table.splitlines() if line.split()[0] == metric]
    return next((end for end in ("not measured", "missed", "ok") if line.endswith(end)), "")


@pytest.mark.parametrize(
    ("metric", "reached", "said"),
    [
        ("detection_rate", 0.95, "ok"),
        ("detection_rate", 0.949, "missed"),
        ("acd", 5.0, "ok"),
        ("acd", 5.1, "missed"),
        ("acd", None, "not measured"),
        ("mode_coverage", 0.89, "missed"),
        ("motion_control_score", 0.9, "ok"),
        ("motion_control_score", None, "not measured"),
        ("content_disentanglement", 0.1, ""),
    ],
)
def test_what_is_said_of_a_metric(metric: str, reached: float | None, said: str) -> None:
    assert verdict(as_table(metrics(**{metric: reached})), metric) == said


@pytest.mark.parametrize(
    ("displacement", "said"), [(29.9, "missed"), (30.0, "ok"), (50.0, "ok"), (50.1, "missed")]
)
def test_the_displacement_is_compared_with_the_real(displacement: float, said: str) -> None:
    assert (
        verdict(
            as_table(metrics(displacement=displacement, displacement_real=40.0)), "displacement"
        )
        == said
    )


def test_metrics_stand_beside_the_real_ones() -> None:
    lines = as_table(metrics(detection_rate=0.5, detection_rate_real=0.75)).splitlines()
    assert lines[1].split()[:3] == ["detection_rate", "0.500", "0.750"]


def test_what_was_not_measured_has_its_line() -> None:
    measured = metrics()
    del measured["content_disentanglement"]
    [line] = [line for line in as_table(measured).splitlines() if "content_disentanglement" in line]
    assert line.split() == ["content_disentanglement", "-", "-"]
