"""What the gate says of clips, without a baseline and beside one of real clips."""

from __future__ import annotations

from typing import NamedTuple

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.judge import bound_checks, metric_values, p_values_worse
from mocogan.evaluation.permutation import holm
from mocogan.evaluation.samples import Sample
from mocogan.pipeline.experiments.evaluation.pool import Trial


class AgainstBounds(NamedTuple):
    """What the bounds say of one model."""

    failed: list[str]  # checks
    place: float  # the largest place on a scale, of the metrics with a bound


def against_bounds(candidate: Sample, trial: Trial, config: EvaluatorConfig) -> AgainstBounds:
    """Judge a model without a baseline."""
    metrics = metric_values(candidate, trial.sides)
    checks = bound_checks(metrics, config)
    places = [metrics[check.name].scale for check in checks]
    return AgainstBounds(
        failed=[check.name for check in checks if check.passed is False],
        place=max(place for place in places if place is not None),
    )


def worse_than_baseline(candidate: Sample, trial: Trial, config: EvaluatorConfig) -> list[str]:
    """Return the metrics in which a model is worse than the trial's baseline, the surest first."""
    return holm(p_values_worse(candidate, trial.baseline, trial.sides, config.seed))
