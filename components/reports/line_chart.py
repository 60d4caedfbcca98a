"""Line charts for report pages. `templates/charts.html` draws them as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.reports.quantities import figure

WIDTH, HEIGHT = (
    360,
    190,
)  # of the drawing, in its own units. Text of 11 units is readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 8, 24  # margins around the lines
_MAX_POINTS = 150  # of a line. More are averaged
_TICKS = 5

Points = Sequence[tuple[float, float]]


class Tick(NamedTuple):
    """A labeled place on an axis, in units of the drawing."""

    place: float
    label: str


class DrawnLine(NamedTuple):
    """A line and its numbers for readers who do not see it."""

    name: str
    path: str  # of SVG
    first: str
    lowest: str
    highest: str
    last: str


class LineChart(NamedTuple):
    """A chart of one or more lines over the same axes."""

    title: str
    remark: str  # how to read it
    unit: str  # of the x axis
    lines: Sequence[DrawnLine]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]

    @property
    def description(self) -> str:
        """The chart in words."""
        return "; ".join(f"{line.name}: from {line.first} to {line.last}" for line in self.lines)


def line_chart(
    title: str, remark: str, unit: str, lines: Sequence[tuple[str, Points]]
) -> LineChart | None:
    """Lays out a chart. Values that are not finite are left out. None: there is no value at all.

    Args:
        title: Heads the chart.
        remark: How to read it, one sentence.
        unit: Of the x axis, such as "step".
        lines: Name and points (x, y) of each line, by increasing x. Of many points, means are drawn.
    """
    arrays = [(name, _finite(points)) for name, points in lines]
    arrays = [(name, points) for name, points in arrays if len(points)]
    if not arrays:
        return None
    thinned = [_thinned(points) for _, points in arrays]
    every = np.concatenate(thinned)
    x_axis = _Axis.around(every[:, 0], LEFT, WIDTH - RIGHT, whole=True)
    y_axis = _Axis.around(every[:, 1], HEIGHT - BOTTOM, TOP)
    drawn = [
        DrawnLine(name, _path(points, x_axis, y_axis), *_numbers(full[:, 1]))
        for (name, full), points in zip(arrays, thinned, strict=True)
    ]
    return LineChart(title, remark, unit, drawn, x_axis.ticks(), y_axis.ticks())


def ticks(low: float, high: float, number: int = _TICKS) -> list[float]:
    """About `number` round values from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    if high <= low:
        return [low]
    rough = (high - low) / number
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


class _Axis(NamedTuple):
    low: float
    high: float
    start: float  # of the drawing, where `low` is
    end: float
    whole: bool  # whether values are whole numbers

    @classmethod
    def around(cls, values: np.ndarray, start: float, end: float, whole: bool = False) -> _Axis:
        low, high = float(values.min()), float(values.max())
        if low == high:
            margin = 1.0 if whole else abs(low) / 10 or 1.0
            low, high = low - margin, high + margin
        return cls(low, high, start, end, whole)

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Tick]:
        return [
            Tick(round(self.place(value), 1), f"{value:,.6g}")
            for value in ticks(self.low, self.high)
            if not self.whole or value == round(value)
        ]


def _finite(points: Points) -> np.ndarray:
    """[N, 2] float64."""
    array = np.array(points, np.float64).reshape(-1, 2)
    # A sum of larger values would overflow.
    return array[np.isfinite(array).all(axis=1) & (np.abs(array) < 1e100).all(axis=1)]


def _thinned(points: np.ndarray) -> np.ndarray:
    """[N, 2] -> [M, 2], M <= _MAX_POINTS."""
    if len(points) <= _MAX_POINTS:
        return points
    size = -(
        -len(points) // _MAX_POINTS
    )  # the same for all, so that noise looks the same all along
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return np.stack([part.mean(axis=0) for part in parts])


def _path(points: np.ndarray, x_axis: _Axis, y_axis: _Axis) -> str:
    places = [f"{x_axis.place(x):.1f} {y_axis.place(y):.1f}" for x, y in points]
    return "M" + "L".join(places if len(places) > 1 else places * 2)


def _numbers(values: np.ndarray) -> list[str]:
    return [figure(float(v)) for v in (values[0], values.min(), values.max(), values[-1])]
