"""Permutation tests: is one model worse than another, or may the difference be chance?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.samples import Sample

_LEVEL = 0.05
# Gives p-values down to 1 / 400, enough for Holm's correction over 20 metrics.
_MAX_PERMUTATIONS = 399
_ENOUGH_EXCEEDANCES = 20


def p_value_worse(
    metric: SampleMetric, reference: Sample, candidate: Sample, baseline: Sample, seed: int = 0
) -> float:
    """Test whether the candidate is worse than the baseline, against the same reference.

    If both models generate the same distribution, their clips can be exchanged. The p-value is the share of random
    exchanges in which the candidate looks as much worse as it does. Its level is exact.

    Args:
        metric: The metric.
        reference: Held-out real clips, [N].
        candidate: Clips of the candidate, [N].
        baseline: Clips of the baseline, [N].
        seed: Seed of the exchanges.

    Returns:
        A value in (0, 1]. Small values speak against "not worse".
    """
    feature = metric.feature
    pooled = np.concatenate([candidate.features[feature], baseline.features[feature]])
    compare = metric.compare(reference.features[feature], pooled)
    everything = np.ones(len(reference.videos), bool)
    sign = 1 if metric.direction == "lower" else -1

    def excess(of_candidate: np.ndarray) -> float:
        return sign * (compare(everything, of_candidate) - compare(everything, ~of_candidate))

    own = np.arange(len(pooled)) < len(candidate.videos)
    return permutation_p_value(excess, own, np.random.default_rng(seed))


def permutation_p_value(
    statistic: Callable[[np.ndarray], float], own: np.ndarray, random: np.random.Generator
) -> float:
    """Return the p-value of a large statistic under permutations of `own`.

    It stops early once 20 permutations exceed the observed value (Besag and Clifford, Biometrika, 1991). Then the
    p-value is not small, so its exact size does not matter.

    Args:
        statistic: Takes [M] bool.
        own: The observed choice, [M] bool.
        random: Source of the permutations.

    Returns:
        A p-value in (0, 1]. It is at most 0.05 in at most 5 % of cases if nothing differs.
    """
    observed = statistic(own)
    exceedances = 0
    for count in range(1, _MAX_PERMUTATIONS + 1):
        exceedances += statistic(random.permutation(own)) >= observed
        if exceedances == _ENOUGH_EXCEEDANCES:
            return exceedances / count
    return (exceedances + 1) / (_MAX_PERMUTATIONS + 1)


def holm(p_values: Mapping[str, float], level: float = _LEVEL) -> list[str]:
    """Return the names whose difference is significant over all tests, the surest first.

    The correction is Holm's (Scand. J. Statist., 1979). Names of equal p-values stay in their order.

    Args:
        p_values: P-value of each test, by name.
        level: Chance of any name in the result if no test differs.
    """
    names = sorted(p_values, key=lambda name: p_values[name])
    for rank, name in enumerate(names):
        if p_values[name] > level / (len(names) - rank):
            return names[:rank]
    return names
