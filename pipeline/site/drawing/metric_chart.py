"""A metric over the runs: a point with its interval for each evaluated run, and a link to the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mocogan.components.reports.quantities import figure
from mocogan.pipeline.metadata.run_facts import Metric

WIDTH, HEIGHT = 520, 220  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 26
_TICKS = 4


class Tick(NamedTuple):
    """A labeled place on an axis."""

    place: float
    label: str


class Point(NamedTuple):
    """A run in the chart. `low` and `high` are the ends of the interval, as places."""

    run: int
    x: float
    y: float
    low: float | None
    high: float | None
    kind: str
    text: str


class MetricChart(NamedTuple):
    """A chart of one metric."""

    name: str
    points: Sequence[Point]
    real: str  # SVG path of the metric of real clips. Empty: not known
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    description: str


class Measured(NamedTuple):
    """A run and its metric. `kind` is a class of the style sheet, `name` is the run in words."""

    run: int
    name: str
    metric: Metric
    kind: str


def metric_chart(name: str, measured: Sequence[Measured]) -> MetricChart | None:
    """Lays out a chart. None: there are fewer than two runs to compare.

    Args:
        name: Name of the metric.
        measured: By increasing number of the run.
    """
    if len(measured) < 2:
        return None
    from mocogan.components.reports.line_chart import ticks

    values = [v for one in measured for v in _values(one.metric)]
    low, high = min(values), max(values)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 10, high + (abs(high) or 1.0) / 10

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP), 1)

    step = (WIDTH - LEFT - RIGHT) / len(measured)
    xs = [round(LEFT + step * (n + 0.5), 1) for n in range(len(measured))]
    points = [
        Point(
            one.run,
            x,
            y(one.metric.value),
            None if one.metric.low is None else y(one.metric.low),
            None if one.metric.high is None else y(one.metric.high),
            one.kind,
            f"{one.name}: {metric_words(one.metric)}",
        )
        for one, x in zip(measured, xs, strict=True)
    ]
    real = [
        f"{x} {y(one.metric.real)}"
        for one, x in zip(measured, xs, strict=True)
        if one.metric.real is not None
    ]
    every = max(1, -(-len(measured) // 12))
    return MetricChart(
        name,
        points,
        "M" + "L".join(real) if len(real) > 1 else "",
        [Tick(p.x, str(p.run)) for p in points[::every]],
        [Tick(y(value), f"{value:.6g}") for value in ticks(low, high, _TICKS)],
        f"{name} of {len(points)} runs: from {metric_words(measured[0].metric)} to {metric_words(measured[-1].metric)}",
    )


def _values(metric: Metric) -> list[float]:
    return [v for v in (metric.value, metric.low, metric.high, metric.real) if v is not None]


def metric_words(metric: Metric) -> str:
    """A value with its interval, such as "1,602 (813 to 2,390)"."""
    if metric.low is None or metric.high is None:
        return figure(metric.value)
    return f"{figure(metric.value)} ({figure(metric.low)} to {figure(metric.high)})"
