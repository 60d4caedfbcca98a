"""Metric by damage: how many standard deviations of real clips a damage is away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocogan.data.progress import progress
from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.samples import Sample
from mocogan.pipeline.experiments.evaluation.pool import Pool, disjoint_groups

_DRAWS = 20
SEEN = 5.0  # standard deviations


def damage_table(pool: Pool, count: int, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return z by damage and metric: (distance - mean of real clips) / standard deviation of real clips.

    Each draw compares a reference of `count` clips with other real clips, and with these clips damaged. z is positive
    if the damage is worse.
    """
    random = np.random.default_rng(seed)
    draws = [disjoint_groups(pool.videos, (count, count), random) for _ in range(_DRAWS)]
    table: dict[str, dict[str, float]] = {name: {} for name in pool.damaged}
    with progress("damage table", len(pool.metrics) * len(pool.damaged), "values") as bar:
        for metric in pool.metrics:
            sign = 1 if metric.direction == "lower" else -1
            real = _values(metric, pool.real, pool.real, draws)
            spread = max(float(real.std(ddof=1)), 1e-12)
            for name, damaged in pool.damaged.items():
                shift = _values(metric, pool.real, damaged, draws).mean() - real.mean()
                table[name][metric.name] = float(sign * shift / spread)
                bar.advance(1)
    return table


def _values(
    metric: SampleMetric, real: Sample, other: Sample, draws: Sequence[Sequence[np.ndarray]]
) -> np.ndarray:
    """Compare the first part of each draw of real clips with the second part of the others: [draws]."""
    feature, count = metric.feature, len(real.videos)
    compare = metric.compare(real.features[feature], other.features[feature])
    values = []
    for parts in draws:
        first, second = (np.isin(np.arange(count), part) for part in parts)
        values.append(compare(first, second))
    return np.array(values)
