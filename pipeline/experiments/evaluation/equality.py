"""How often the gate refuses a model that is as good as real clips, or as good as its baseline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.progress import progress
from mocogan.pipeline.experiments.evaluation.judging import against_bounds, worse_than_baseline
from mocogan.pipeline.experiments.evaluation.pool import Pool, as_generated


class Equality(NamedTuple):
    """Trials in which candidate and baseline are both real clips, of different videos."""

    num_clips: int  # of each
    trials: int
    by_bounds: int  # candidates refused without a baseline
    by_baseline: int  # candidates refused as worse than the baseline


def equality(
    pool: Pool, count: int, trials: int, config: EvaluatorConfig, seed: int = 0
) -> Equality:
    """Draw `trials` times a reference, a candidate, a baseline and other real clips, `count` clips each."""
    by_bounds = by_baseline = 0
    with progress(f"equal models, {count} clips", trials, "trials") as bar:
        for number in range(trials):
            trial = pool.trial(count, np.random.default_rng([seed, number]))
            candidate = as_generated(pool.real.part(trial.candidate))
            by_bounds += bool(against_bounds(candidate, trial, config).failed)
            by_baseline += bool(worse_than_baseline(candidate, trial, config))
            bar.advance(1)
    return Equality(count, trials, by_bounds, by_baseline)
