"""Whom the gate refuses: damaged clips with and without a baseline of real clips, and real clips of other videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.data.progress import progress
from mocogan.pipeline.experiments.evaluation.judging import (
    AgainstBounds,
    against_bounds,
    worse_than_baseline,
)
from mocogan.pipeline.experiments.evaluation.pool import Pool, as_generated

REAL = "real clips of other videos"


class Refusals(NamedTuple):
    """Of a number of trials."""

    trials: int
    places: tuple[float, float]  # the smallest and the largest place
    by_bounds: int  # refused without a baseline
    by_baseline: int  # worse than a baseline of real clips
    bound: str  # the check that failed most often, "" if none did
    comparison: str  # the metric that was worse most often, "" if none was


def gate_table(
    pool: Pool, count: int, trials: int, config: EvaluatorConfig, seed: int = 0
) -> dict[str, Refusals]:
    """Judge each damage, and real clips, as a model that generates them. `trials` draws of `count` clips each."""
    samples = {REAL: pool.real, **pool.damaged}
    bounds: dict[str, list[AgainstBounds]] = {name: [] for name in samples}
    worse: dict[str, list[list[str]]] = {name: [] for name in samples}
    with progress("gate table", trials * len(samples), "models") as bar:
        for number in range(trials):
            trial = pool.trial(count, np.random.default_rng([seed, number]))
            for name, sample in samples.items():
                candidate = as_generated(sample.part(trial.candidate))
                bounds[name].append(against_bounds(candidate, trial, config))
                worse[name].append(worse_than_baseline(candidate, trial, config))
                bar.advance(1)
    return {name: _refusals(bounds[name], worse[name]) for name in samples}


def _refusals(bounds: Sequence[AgainstBounds], worse: Sequence[Sequence[str]]) -> Refusals:
    places = [judged.place for judged in bounds]
    return Refusals(
        trials=len(bounds),
        places=(min(places), max(places)),
        by_bounds=sum(bool(judged.failed) for judged in bounds),
        by_baseline=sum(map(bool, worse)),
        bound=_most(name for judged in bounds for name in judged.failed),
        comparison=_most(name for names in worse for name in names),
    )


def _most(names: Iterable[str]) -> str:
    most = Counter(names).most_common(1)
    return most[0][0] if most else ""
