"""Metrics that need more than two samples of clips: classes, captions, seeds, training clips, or a given network."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.caption_precision import (
    CAPTION_R_PRECISION,
    caption_precision,
)
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.confusion import Confusion, confusion
from mocogan.components.video_evaluator.real_data import RealData
from mocogan.components.video_evaluator.report import MetricValue
from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.components.video_evaluator.shares import wilson
from mocogan.data.input.selected_clips import RealClips
from mocogan.data.records.keys import UNSEEN_CATEGORY
from mocogan.evaluation.clip_features import THUMBNAIL
from mocogan.evaluation.metric import Direction
from mocogan.evaluation.metrics.disentanglement import disentanglement
from mocogan.evaluation.metrics.frechet import frechet_video_distance, load_features
from mocogan.evaluation.metrics.memorization import Memorization, memorization
from mocogan.evaluation.metrics.motion_control import LabeledClips, MotionControl, motion_control
from mocogan.evaluation.real_statistics import RealStatistics
from mocogan.evaluation.samples import Sample
from mocogan.evaluation.shapes.detector import NotShapeMotion, area_range, detect_shapes
from mocogan.evaluation.shapes.shape_metrics import SHAPE_METRICS

MOTION_CONTROL = "motion_control_score"
MEMORIZATION = "memorization"
_COPIES_LEVEL = 0.01  # of the test that generated clips are nearer to training clips than real ones
_MAX_TRIPLES = 64
_MIN_TOLD_APART = 0.2  # accuracy above chance that a classifier needs on real clips
_SHAPES = ("detection_rate", "acd", "displacement")  # as Tulyakov et al. (CVPR 2018) need them


class OtherMetrics(NamedTuple):
    """Metrics by name, and what the report shows beside them."""

    bounded: dict[str, MetricValue]  # their place on the scale is judged
    reported: dict[str, MetricValue]
    memorized: bool  # whether the share of copies is more than chance
    copies: Memorization | None  # None if there are no training clips
    confusion: Confusion | None  # None without classes


def measure_others(
    model: ClipModel | None,
    clips: np.ndarray,
    generated: Sample,
    real: RealData,
    statistics: RealStatistics,
    config: EvaluatorConfig,
) -> OtherMetrics:
    """Measures what applies. The other metrics get a note instead of a value.

    Args:
        model: The candidate. None if there are only clips.
        clips: Generated clips, [N, T, H, W, 3] uint8. Clip n has the class of held-out clip n.
        generated: Features of `clips`.
        real: Held-out and training clips.
        statistics: Features of real clips.
        config: Options of the evaluation.
    """
    control, score = _motion_control(model, clips, real, config)
    copies, found = _memorization(generated, real, statistics)
    return OtherMetrics(
        bounded={MOTION_CONTROL: score},
        reported={
            MEMORIZATION: copies,
            **_disentanglement(model, real, statistics, config),
            **_captions(model, real, config),
            **_shapes(clips, real),
            **_frechet(clips, real, config),
        },
        memorized=found is not None and found.p_value < _COPIES_LEVEL,
        copies=found,
        confusion=confusion(control, model.labels) if control and model else None,
    )


def _memorization(
    generated: Sample, real: RealData, statistics: RealStatistics
) -> tuple[MetricValue, Memorization | None]:
    protocol = "share nearer to a training clip than 99 % of held-out clips are, on thumbnails"
    if real.searched is None:
        return _missing("share of clips", "lower", protocol, "there are no training clips"), None
    held_out = statistics.reference.features[THUMBNAIL]
    found = memorization(generated.features[THUMBNAIL], held_out, real.searched.thumbnails)
    value = MetricValue(
        value=found.share,
        real=found.expected_share,
        scale=found.share - found.expected_share,
        unit="share of clips",
        direction="lower",
        protocol=protocol,
        damage="copies of training clips",
        note=f"p = {found.p_value:.2g} ({found.method} test)",
    )
    return value, found


def _motion_control(
    model: ClipModel | None, clips: np.ndarray, real: RealData, config: EvaluatorConfig
) -> tuple[MotionControl | None, MetricValue]:
    protocol = "accuracy of a classifier, trained on real clips, on clips of a requested class"
    labels = model.labels if model else ()
    why = ""
    if len(labels) < 2:
        why = "the model has no classes"
    elif not config.motion_control:
        why = "not measured (evaluator.motion_control=false)"
    elif len(set(real.held_out.labels) & set(labels)) < 2:
        why = "the held-out clips have fewer than two of the model's classes"
    if why:
        return None, _missing("share of clips", "higher", protocol, why)
    training, held_out = (_labeled(part, labels) for part in (real.training, real.held_out))
    requested = LabeledClips(clips, held_out.categories)
    control = motion_control(training, held_out, requested, len(labels), config.seed)
    if control.real_accuracy is None:
        return control, _missing(
            "share of clips", "higher", protocol, "no held-out clip has a class"
        )
    told_apart = control.real_accuracy - control.chance
    low, high = wilson(control.score, int((held_out.categories != UNSEEN_CATEGORY).sum()))
    scales = [
        (control.real_accuracy - value) / told_apart if told_apart >= _MIN_TOLD_APART else None
        for value in (control.score, high, low)
    ]
    note = "" if scales[0] is not None else "the classifier does not tell real clips apart"
    return control, MetricValue(
        value=control.score,
        low=low,
        high=high,
        real=control.real_accuracy,
        scale=scales[0],
        scale_low=scales[1],
        scale_high=scales[2],
        unit="share of clips",
        direction="higher",
        protocol=protocol,
        damage="the requested class has no effect",
        note=note,
    )


def _labeled(clips: RealClips, labels: tuple[str, ...]) -> LabeledClips:
    ids = {label: number for number, label in enumerate(labels)}
    categories = [ids.get(label, UNSEEN_CATEGORY) for label in clips.labels]
    return LabeledClips(clips.clips, np.array(categories, np.int64))


def _disentanglement(
    model: ClipModel | None, real: RealData, statistics: RealStatistics, config: EvaluatorConfig
) -> dict[str, MetricValue]:
    shape = real.held_out.clips.shape
    count = min(_MAX_TRIPLES, shape[0])
    protocol = f"how much more its own seed changes it than the other seed does, {count} clips"
    names = ("content_kept", "motion_kept", "disentanglement")
    if model is None or not model.has_separate_seeds:
        why = "the model has no separate seeds of content and motion"
        return {name: _missing("share", "higher", protocol, why) for name in names}
    if statistics.embedding is None:
        why = "there is no frame embedding"
        return {name: _missing("share", "higher", protocol, why) for name in names}
    variations = model.sample_variations(count, shape[1:], config.seed)
    found = disentanglement(*variations, statistics.embedding)
    values = (found.content_kept, found.motion_kept, found.score)
    return {
        name: MetricValue(value=value, unit="share", direction="higher", protocol=protocol)
        for name, value in zip(names, values, strict=True)
    }


def _captions(
    model: ClipModel | None, real: RealData, config: EvaluatorConfig
) -> dict[str, MetricValue]:
    """R-precision, if the model reads captions."""
    if model is None or not model.has_captions:
        return {}
    draw = functools.partial(model.sample_captions, seed=config.seed)
    return {CAPTION_R_PRECISION: caption_precision(draw, real)}


def _shapes(clips: np.ndarray, real: RealData) -> dict[str, MetricValue]:
    """The metrics of shape motion as the paper defines them, if the real clips show shapes on black."""
    try:
        areas = area_range(real.held_out.clips)
    except NotShapeMotion:
        return {}
    others = real.training.clips[: len(clips)]
    generated, reference = detect_shapes(clips, areas), detect_shapes(others, areas)
    return {
        f"shape_{metric.name}": MetricValue(
            value=metric.function(generated),
            real=metric.function(reference),
            unit=metric.unit,
            direction=metric.direction,
            protocol="of the shape that a detector finds (Tulyakov et al., CVPR 2018, section 4.1)",
        )
        for metric in SHAPE_METRICS
        if metric.name in _SHAPES
    }


def _frechet(clips: np.ndarray, real: RealData, config: EvaluatorConfig) -> dict[str, MetricValue]:
    if config.features is None:
        protocol = "Fréchet distance of I3D features (Unterthiner et al., arXiv:1812.01717)"
        note = "not measured: set evaluator.features to a SavedModel or a TF-Hub handle"
        return {"fvd": _missing("squared feature distance", "lower", protocol, note)}
    features = load_features(config.features, config.features_are_i3d)
    result = frechet_video_distance(
        features(real.held_out.clips),
        features(clips),
        features,
        clips.shape[1],
        real.held_out.videos,
    )
    return {
        result.name: MetricValue(
            value=result.value,
            unit="squared feature distance",
            direction="lower",
            protocol=result.protocol,
            note=result.note,
        )
    }


def _missing(unit: str, direction: Direction, protocol: str, note: str) -> MetricValue:
    return MetricValue(unit=unit, direction=direction, protocol=protocol, note=note)
