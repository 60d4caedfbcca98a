from __future__ import annotations

from mocogan.pipeline.metadata.run_facts import Metric
from mocogan.pipeline.site.drawing.metric_chart import (
    HEIGHT,
    WIDTH,
    Measured,
    metric_chart,
    metric_words,
)


def measured(*values: float) -> list[Measured]:
    return [
        Measured(number, f"run {number}", Metric(value, value - 1, value + 1, 0.5), "blessed")
        for number, value in enumerate(values, start=1)
    ]


def test_larger_values_are_higher_and_runs_go_to_the_right():
    chart = metric_chart("clip_distance", measured(3.0, 1.0, 2.0))
    assert chart is not None
    first, lowest, middle = chart.points
    assert first.y < middle.y < lowest.y  # y of SVG leads down
    assert first.x < lowest.x < middle.x
    assert first.high is not None
    assert first.low is not None
    assert first.high < first.y < first.low
    assert all(0 < point.x < WIDTH and 0 < point.y < HEIGHT for point in chart.points)
    assert chart.points[0].text == "run 1: 3.00 (2.00 to 4.00)"


def test_equal_values_can_be_drawn():
    same = [Measured(n, "", Metric(2.0), "") for n in (1, 2)]
    chart = metric_chart("density", same)
    assert chart is not None
    assert len({point.y for point in chart.points}) == 1
    assert chart.real == ""


def test_one_run_has_no_chart():
    assert metric_chart("density", measured(1.0)) is None


def test_a_metric_in_words():
    assert metric_words(Metric(1602.4, 813.0, 2390.0)) == "1,602 (813 to 2,390)"
    assert metric_words(Metric(0.25)) == "0.250"
