"""Whom the gate refuses: damaged clips with and without a baseline of real clips, and real clips of other videos."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.judge import bound_checks, metric_values, p_values_worse
from mocogan.data.progress import progress
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.permutation import holm
from mocogan.evaluation.samples import Sample
from mocogan.pipeline.experiments.evaluation.pool import Pool, Trial

REAL = "real clips of other videos"


class Refusals(NamedTuple):
    """Of a number of trials."""

    trials: int
    by_bounds: int  # refused without a baseline
    by_baseline: int  # worse than a baseline of real clips
    bound: str  # the check that failed most often, "" if none did
    comparison: str  # the metric that was worse most often, "" if none was


def gate_table(
    pool: Pool, count: int, trials: int, config: EvaluatorConfig, seed: int = 0
) -> dict[str, Refusals]:
    """Judge each damage, and real clips, as a model that generates them. `trials` draws of `count` clips each."""
    rows = [REAL, *DAMAGES]
    refused = {name: [Counter[str](), Counter[str]()] for name in rows}
    totals = {name: [0, 0] for name in rows}
    with progress("gate table", trials * len(rows), "models") as bar:
        for number in range(trials):
            trial = pool.trial(count, np.random.default_rng([seed, number]))
            baseline = pool.real.part(trial.baseline)
            for name in rows:
                sample = pool.real if name == REAL else pool.damaged[name]
                candidate = as_generated(sample.part(trial.candidate))
                for place, failed in enumerate(judge(candidate, baseline, trial, config)):
                    refused[name][place].update(failed)
                    totals[name][place] += bool(failed)
                bar.advance(1)
    return {
        name: Refusals(
            trials,
            by_bounds=totals[name][0],
            by_baseline=totals[name][1],
            bound=_most(refused[name][0]),
            comparison=_most(refused[name][1]),
        )
        for name in rows
    }


def judge(
    candidate: Sample, baseline: Sample, trial: Trial, config: EvaluatorConfig
) -> tuple[list[str], list[str]]:
    """Return the checks that failed without a baseline, and the metrics that are worse than the baseline's."""
    checks = bound_checks(metric_values(candidate, trial.sides), config)
    failed = [check.name for check in checks if check.passed is False]
    p_values = p_values_worse(candidate, as_generated(baseline), trial.sides, config.seed)
    worse = sorted(holm(p_values), key=lambda name: p_values[name])
    return failed, worse


def as_generated(sample: Sample) -> Sample:
    """Clips of a model are independent, each like a video of its own."""
    return Sample(sample.features, np.arange(len(sample.videos)))


def _most(counter: Counter[str]) -> str:
    return counter.most_common(1)[0][0] if counter else ""
