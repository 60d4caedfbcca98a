"""The smallest share of damaged clips that the gate refuses, by the number of clips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.progress import progress
from mocogan.pipeline.experiments.evaluation.gate_table import as_generated, judge
from mocogan.pipeline.experiments.evaluation.pool import Pool

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_REFUSED = 0.95  # of the trials


class Power(NamedTuple):
    """The smallest share of damaged clips that is refused in 95 % of the trials. None: not even all clips."""

    by_bounds: float | None
    by_baseline: float | None


def power(
    pool: Pool, name: str, count: int, trials: int, config: EvaluatorConfig, seed: int = 0
) -> Power:
    """Mix clips with one damage into real clips, in growing shares, until both ways of judging refuse them."""
    found: list[float | None] = [None, None]
    with progress(f"{name}, {count} clips", len(SHARES) * trials, "trials") as bar:
        for share in SHARES:
            refused = np.zeros(2, int)
            for number in range(trials):
                random = np.random.default_rng([seed, number])
                trial = pool.trial(count, random)
                candidate = pool.mixture(name, trial.candidate, share, random)
                baseline = as_generated(pool.real.part(trial.baseline))
                refused += [bool(failed) for failed in judge(candidate, baseline, trial, config)]
                bar.advance(1)
            for way in range(2):
                if found[way] is None and refused[way] >= _REFUSED * trials:
                    found[way] = share
            if None not in found:
                break
    return Power(*found)
