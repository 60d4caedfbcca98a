"""The smallest share of damaged clips that the gate refuses, by the number of clips."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.progress import progress
from mocogan.evaluation.power import smallest_refused_share
from mocogan.evaluation.samples import Sample
from mocogan.pipeline.experiments.evaluation.judging import against_bounds, worse_than_baseline
from mocogan.pipeline.experiments.evaluation.pool import Pool, Trial

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


class Power(NamedTuple):
    """The smallest share of damaged clips that is refused in 95 % of the trials. None: not even all clips."""

    by_bounds: float | None
    by_baseline: float | None


def powers(
    pool: Pool,
    names: Collection[str],
    count: int,
    trials: int,
    config: EvaluatorConfig,
    seed: int = 0,
) -> dict[str, Power]:
    """Mix clips with each of these damages into `count` real clips, and find the share from which they are refused."""
    drawn = [pool.trial(count, np.random.default_rng([seed, number])) for number in range(trials)]

    def by_bounds(candidate: Sample, trial: Trial) -> bool:
        return bool(against_bounds(candidate, trial, config).failed)

    def by_baseline(candidate: Sample, trial: Trial) -> bool:
        return bool(worse_than_baseline(candidate, trial, config))

    found = {}
    with progress(f"power, {count} clips", len(names), "damages") as bar:
        for name in names:
            found[name] = Power(
                _smallest(pool, name, drawn, by_bounds, seed),
                _smallest(pool, name, drawn, by_baseline, seed),
            )
            bar.advance(1)
    return found


def _smallest(
    pool: Pool,
    name: str,
    trials: Sequence[Trial],
    refuses: Callable[[Sample, Trial], bool],
    seed: int,
) -> float | None:
    def is_refused(share: float, number: int) -> bool:
        random = np.random.default_rng([seed, number])
        trial = trials[number]
        return refuses(pool.mixture(name, trial.candidate, share, random), trial)

    return smallest_refused_share(is_refused, SHARES, len(trials))
