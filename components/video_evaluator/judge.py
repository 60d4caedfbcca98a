"""From features of generated clips to metrics, checks and comparisons."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.report import Check, MetricValue
from mocogan.evaluation.estimate import Estimate, RealSide
from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.metrics.content_consistency import CONTENT_CONSISTENCY
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.permutation import p_value_worse
from mocogan.evaluation.power import smallest_refused_share
from mocogan.evaluation.samples import Sample

_POWER_METRICS = (CONTENT_CONSISTENCY, "change", "color_consistency")
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_MIXTURES = 20

RealSides = Mapping[str, RealSide]  # by the name of the metric


def metric_values(sample: Sample, sides: RealSides) -> dict[str, MetricValue]:
    """All metrics of the registry. Those that do not apply have a note instead of a value."""
    values = {}
    for name, metric in SAMPLE_METRICS.items():
        if name in sides:
            values[name] = _as_value(metric, sides[name].estimate(sample))
        else:
            values[name] = MetricValue(**_definition(metric), note=_why_missing(name))
    return values


def bound_checks(metrics: Mapping[str, MetricValue], config: EvaluatorConfig) -> list[Check]:
    """Checks the place on the scale of each metric that has a bound."""
    return [
        gate.damage_check(name, metric, config)
        for name, metric in metrics.items()
        if name not in SAMPLE_METRICS or SAMPLE_METRICS[name].has_bound
    ]


def smallest_refused_shares(
    sides: RealSides, config: EvaluatorConfig, seed: int
) -> dict[str, float | None]:
    """For some damages, the smallest share of damaged clips that is refused in 95 % of random mixtures."""
    shares = {}
    for name in _POWER_METRICS:
        if name in sides:
            side = sides[name]
            refuses = functools.partial(_is_refused, side, config, seed)
            shares[side.metric.damage] = smallest_refused_share(refuses, _SHARES, _MIXTURES)
    return shares


def _is_refused(
    side: RealSide, config: EvaluatorConfig, seed: int, share: float, number: int
) -> bool:
    mixture = side.mixture(share, np.random.default_rng([seed, number]))
    value = _as_value(side.metric, side.estimate(mixture))
    return gate.damage_check(side.metric.name, value, config).passed is False


def p_values_worse(
    candidate: Sample, baseline: Sample, sides: RealSides, seed: int
) -> dict[str, float]:
    """For each metric, the p-value of the hypothesis that the candidate is not worse than the baseline."""
    return {
        name: p_value_worse(side.metric, side.reference, candidate, baseline, seed)
        for name, side in sides.items()
    }


def _as_value(metric: SampleMetric, estimate: Estimate) -> MetricValue:
    note = "" if estimate.scale is not None else "real clips do not show the damage of its scale"
    fields = estimate.model_dump(exclude={"damaged"})
    return MetricValue(**_definition(metric), **fields, note=note)


def _definition(metric: SampleMetric) -> dict[str, str]:
    names = ("unit", "direction", "protocol", "damage")
    return {name: getattr(metric, name) for name in names}


def _why_missing(name: str) -> str:
    if name == CONTENT_CONSISTENCY:
        return "there is no frame embedding (embedding_steps=0, or training clips of one video)"
    return "the frames are too small"
