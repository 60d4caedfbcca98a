"""Definition of a metric: a name, a unit, the better direction and a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Direction = Literal["lower", "higher", "none"]  # which values are better
Measured = TypeVar("Measured")  # what the metric is computed from


@dataclass(frozen=True)
class Metric(Generic[Measured]):
    """One metric. `function` returns None if the clips do not allow a value."""

    name: str  # key of the result
    unit: str
    direction: Direction
    function: Callable[[Measured], float | None]


def measure(metrics: Iterable[Metric[Measured]], measured: Measured) -> dict[str, float | None]:
    """Compute each metric. Returns values by name."""
    return {metric.name: metric.function(measured) for metric in metrics}
