"""Trains on one data set and collects what is known of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mocogan.components.video_evaluator.report import REPORT_FILE, EvaluationReport
from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data.synthetic.handwritten_digits import Digits, read_digits
from mocogan.data.synthetic.moving_digits import choose_images, moving_digit_clips
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.shapes.comparison import compare_shape_motion
from mocogan.evaluation.shapes.detector import NotShapeMotion
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.experiments.data_set_runs import Result, train
from mocogan.pipeline.experiments.recipe.data_sets import DIGIT_SEED
from mocogan.pipeline.experiments.recipe.digit_figures import DigitClassifier, digit_figures
from mocogan.pipeline.experiments.shape_measurement import read_training_clips
from mocogan.trainer.contract import ANY_CATEGORY

_GENERATED_CLIPS = 1024
_REAL_CLIPS = 2048
_DIGITS_TO_TEST = 500  # clips of other digits, for the classifier's figures on real clips
_SEED = 0


def train_and_measure(name: str, source: str, config: Config) -> Result:
    """Runs the pipeline, and measures the model that it trained.

    Args:
        name: The data set, a key of DATA_SETS.
        source: Where its videos come from.
        config: Configuration of the run.

    Returns:
        Values ready for JSON.

    Raises:
        ExpectedError: The pipeline failed.
    """
    trained = train(config)
    evaluation = Path(
        trained.nodes["VideoEvaluator"].outputs["evaluation"][-1].uri, REPORT_FILE
    ).read_text("utf-8")
    report = EvaluationReport.model_validate_json(evaluation)
    result = {
        **trained.facts(),
        "blessed": report.verdict.blessed,
        "reason": report.verdict.reason,
        **places_on_the_scales(report),
        **{key: metric.value for key, metric in report.metrics.items()},
    }
    if name == "shapes":
        result |= _shape_figures(trained.model, config)
    if name == "digits":
        result |= _digit_figures(trained.model, source)
    return result


def places_on_the_scales(report: EvaluationReport) -> dict[str, Any]:
    """The places on the scales of the metrics of the registry that have a bound. A broken model has none."""
    found = {
        name: report.metrics[name].scale
        for name, metric in SAMPLE_METRICS.items()
        if metric.has_bound and name in report.metrics
    }
    places = {name: place for name, place in found.items() if place is not None}
    if not places:
        return {"places": {}}
    worst = max(places, key=lambda name: places[name])
    return {
        "places": places,
        "mean_place": float(np.mean([max(0.0, place) for place in places.values()])),
        "largest_place": places[worst],
        "largest_place_of": worst,
    }


def _shape_figures(model: ClipModel, config: Config) -> dict[str, Any]:
    try:
        clips = model.sample(_GENERATED_CLIPS, model.clip_shape, _SEED)
        return compare_shape_motion(read_training_clips(config, _REAL_CLIPS), clips, _SEED)
    except NotShapeMotion:
        return {}


def _digit_figures(model: ClipModel, source: str) -> dict[str, Any]:
    num_frames, size, _, _ = model.clip_shape
    classifier, _, (clips, labels) = digit_classifier(source, num_frames, size)
    real = digit_figures(classifier.probabilities(clips), labels)
    requested = None
    categories = np.full(_GENERATED_CLIPS, ANY_CATEGORY)
    if model.labels:
        categories = np.arange(_GENERATED_CLIPS) % len(model.labels)
        requested = np.array([int(label) for label in model.labels])[categories]
    generated = model.sample_categories(categories, model.clip_shape, _SEED)
    found = digit_figures(classifier.probabilities(generated), requested)
    return {
        **{f"digits_{key}": value for key, value in found._asdict().items()},
        **{f"digits_{key}_real": value for key, value in real._asdict().items()},
    }


def digit_classifier(
    source: str, num_frames: int, size: int
) -> tuple[DigitClassifier, Digits, tuple[np.ndarray, np.ndarray]]:
    """Trains a classifier on the half of the images that no model is trained on.

    Returns:
        The classifier, the images that it was not trained on either, and clips of these with their digits.
    """
    digits = read_digits(source)
    half = len(digits.images) // 2
    clips, labels = moving_digit_clips(digits, 2 * half, DIGIT_SEED, num_frames, size)
    tested = slice(2 * half - min(_DIGITS_TO_TEST, half // 4), None)
    trained = slice(half, tested.start)
    classifier = DigitClassifier(clips[trained], labels[trained], _SEED)
    chosen = choose_images(digits, 2 * half, DIGIT_SEED)[tested]
    untrained = Digits(digits.images[chosen], digits.labels[chosen])
    return classifier, untrained, (clips[tested], labels[tested])
