"""Definition of a metric: a name, a unit, the better direction and a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from mocogan.evaluation.distances.comparison import Compare

Direction = Literal["lower", "higher", "none"]  # which values are better
Measured = TypeVar("Measured")  # what the metric is computed from


@dataclass(frozen=True)
class Metric(Generic[Measured]):
    """One metric. `function` returns None if the clips do not allow a value."""

    name: str  # key of the result
    unit: str
    direction: Direction
    function: Callable[[Measured], float | None]


@dataclass(frozen=True)
class SampleMetric:
    """A metric that compares one feature of two samples of clips of equal size."""

    name: str  # key of the result
    unit: str
    direction: Literal["lower", "higher"]
    protocol: str  # how it is computed, in one line
    feature: str  # key of the compared feature
    compare: Compare
    damage: str  # a key of `evaluation.damages.DAMAGES`. Real clips with this damage are 1 on the metric's scale
    # Whether its place on the scale decides on the blessing. If not, only a comparison with another model does.
    has_bound: bool = True


def measure(metrics: Iterable[Metric[Measured]], measured: Measured) -> dict[str, float | None]:
    """Compute each metric. Returns values by name."""
    return {metric.name: metric.function(measured) for metric in metrics}
