"""A strip that shows the place of a value between real and damaged. `templates/charts.html` draws it."""

from __future__ import annotations

from typing import NamedTuple

WIDTH, HEIGHT = 240, 26  # of the drawing, in its own units
_LOW, _HIGH = -0.25, 1.25  # what the strip shows. Values beyond get an arrow


class ScaleStrip(NamedTuple):
    """Places of marks, in units of the drawing."""

    real: float
    bound: float
    damaged: float
    value: float
    beyond: str  # "left" or "right" if the value is off the strip, else empty
    interval: tuple[float, float] | None  # left end and width
    baseline: float | None
    description: str


def scale_strip(
    value: float, interval: tuple[float, float] | None, bound: float, baseline: float | None = None
) -> ScaleStrip:
    """Lays out the strip of a value on the scale from 0 (as real clips) to 1 (as damaged clips).

    Args:
        value: Place on the scale.
        interval: Ends of its 95 % interval, if there is one.
        bound: Largest place that passes.
        baseline: Place of the baseline, if there is one.
    """
    words = [f"place {value:.2f} on a scale from 0, real, to 1, damaged"]
    ends = None
    if interval is not None:
        left, right = _place(interval[0]), _place(interval[1])
        ends = left, round(max(right - left, 1.0), 1)
        words.append(f"interval {interval[0]:.2f} to {interval[1]:.2f}")
    words.append(f"bound {bound:g}")
    if baseline is not None:
        words.append(f"baseline {baseline:.2f}")
    return ScaleStrip(
        real=_place(0),
        bound=_place(bound),
        damaged=_place(1),
        value=_place(value),
        beyond="left" if value < _LOW else "right" if value > _HIGH else "",
        interval=ends,
        baseline=None if baseline is None else _place(baseline),
        description="; ".join(words),
    )


def _place(value: float) -> float:
    share = (min(max(value, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW)
    return round(6 + share * (WIDTH - 12), 1)
