"""Metrics of classes, seeds, copies, shapes and given features, and when they do not apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.other_metrics import OtherMetrics, measure_others
from mocogan.components.video_evaluator.real_data import ClipFormat, RealData, read_real_data
from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data.input.selected_clips import NO_CAPTION, RealClips
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.real_statistics import RealStatistics
from tests.support.square_models import LABELS, NUM_FRAMES, SIZE, draw_squares

CONFIG = EvaluatorConfig(motion_control=False)
FORMAT = ClipFormat(NUM_FRAMES, SIZE, "area")
DISENTANGLEMENT = ("content_kept", "motion_kept", "disentanglement")

Models = Callable[[str], str]


class Real(NamedTuple):
    """Real clips and what is known of them."""

    data: RealData
    statistics: RealStatistics


def measure(
    real: Real, clips: np.ndarray, model: ClipModel | None = None, config: EvaluatorConfig = CONFIG
) -> OtherMetrics:
    sample = real.statistics.sample(clips, "clips")
    return measure_others(model, clips, sample, real.data, real.statistics, config)


def of_held_out_classes(model: ClipModel, data: RealData) -> np.ndarray:
    wanted = np.array([LABELS.index(label) for label in data.held_out.labels])
    return model.sample_categories(wanted, data.held_out.clips.shape[1:], seed=0)


def many_clips(count: int) -> RealClips:
    halves = [draw_squares(count // 2, 3_000_000 + number, number) for number in (0, 1)]
    labels, captions = np.repeat(LABELS, count // 2), np.full(count, NO_CAPTION)
    return RealClips(np.concatenate(halves), np.arange(count), labels, captions)


def read(files: dict[str, list[str]], embedding_steps: int) -> Real:
    data = read_real_data(files, FORMAT, 100, 0)
    pair = (VideoClips(part.clips, part.videos) for part in (data.held_out, data.training))
    return Real(data, RealStatistics(*pair, FeatureCache(None), embedding_steps=embedding_steps))


@pytest.fixture(scope="module")
def real(splits) -> Real:
    """Real clips without labels, and no embedding."""
    return read(splits.files, embedding_steps=0)


@pytest.fixture(scope="module")
def labeled(labeled_splits) -> Real:
    """Real clips with labels, and an embedding."""
    return read(labeled_splits.files, embedding_steps=2)


@pytest.mark.exhaustive
def test_the_motion_control_score_tells_whether_the_class_has_an_effect(
    models: Models, labeled: Real
) -> None:
    config = EvaluatorConfig()
    many = many_clips(640)  # so few clips as `labeled` has are too few to train on
    real = labeled._replace(data=labeled.data._replace(training=many))
    good, mute = (
        measure(real, of_held_out_classes(model, labeled.data), model, config)
        for model in map(ClipModel, (models("classes"), models("any_class")))
    )
    for measured in (good, mute):
        score = measured.bounded["motion_control_score"]
        assert measured.confusion is not None
        assert np.sum(measured.confusion.generated, axis=1).tolist() == [18, 6]  # as held-out clips
        assert np.sum(measured.confusion.real, axis=1).tolist() == [18, 6]
        assert score.value == pytest.approx(np.trace(measured.confusion.generated) / 24)
        assert score.real is not None
        assert score.real > 0.9
        assert score.low is not None
        assert score.high is not None
        assert score.low < score.value < score.high or score.value == 1
    scales = [measured.bounded["motion_control_score"].scale for measured in (good, mute)]
    assert scales[0] is not None
    assert scales[1] is not None
    assert scales[0] < 0.3
    assert scales[1] > 0.6


def test_seeds_that_keep_content_and_motion_apart_are_seen(models: Models, labeled: Real) -> None:
    model = ClipModel(models("classes"))
    kept = measure(labeled, of_held_out_classes(model, labeled.data), model).reported
    for name in DISENTANGLEMENT:
        assert kept[name].value is not None
        assert kept[name].value > 0.5
        assert "24 clips" in kept[name].protocol


@pytest.mark.parametrize(
    ("name", "labels", "settings", "note"),
    [
        ("classes", "real", {"motion_control": False}, r"evaluator\.motion_control=false"),
        ("described", "labeled", {}, "the model has no classes"),
        ("squares", "labeled", {}, "the model has no classes"),
        (None, "labeled", {}, "the model has no classes"),
        ("classes", "real", {}, "fewer than two of the model's classes"),
    ],
)
def test_without_classes_there_is_no_motion_control_score(
    models: Models,
    real: Real,
    labeled: Real,
    name: str | None,
    labels: str,
    settings: dict[str, bool],
    note: str,
) -> None:
    model = ClipModel(models(name)) if name else None
    chosen = {"real": real, "labeled": labeled}[labels]
    measured = measure(chosen, draw_squares(24, 3), model, EvaluatorConfig(**settings))
    score = measured.bounded["motion_control_score"]
    assert score.value is score.scale is None
    assert note.replace("\\", "") in score.note
    assert measured.confusion is None


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("classes", "there is no frame embedding"),
        ("squares", "the model has no separate seeds of content and motion"),
        (None, "the model has no separate seeds of content and motion"),
    ],
)
def test_without_seeds_or_embedding_there_is_no_disentanglement(
    models: Models, real: Real, name: str | None, note: str
) -> None:
    model = ClipModel(models(name)) if name else None
    measured = measure(real, draw_squares(24, 3), model)
    values = [measured.reported[key] for key in DISENTANGLEMENT]
    assert [(value.value, value.note) for value in values] == [(None, note)] * 3


def test_copies_of_training_clips_are_found(real: Real, splits) -> None:
    numbers = np.random.default_rng(0).permutation(len(splits.training))[:24]
    copied = measure(real, splits.training[numbers])
    memorization = copied.reported["memorization"]
    assert memorization.value == 1
    assert copied.memorized
    assert copied.copies is not None
    np.testing.assert_array_equal(copied.copies.nearest, numbers)
    assert "rank test" in memorization.note

    honest = measure(real, draw_squares(24, 3))
    assert not honest.memorized
    assert honest.reported["memorization"].value is not None
    assert honest.reported["memorization"].value < 0.2


def test_without_training_clips_nothing_can_be_copied(real: Real) -> None:
    others = real._replace(data=real.data._replace(searched=None))
    measured = measure(others, draw_squares(24, 3))
    assert measured.copies is None
    assert not measured.memorized
    assert measured.reported["memorization"].value is None
    assert measured.reported["memorization"].note == "there are no training clips"


def test_shapes_on_black_have_the_metrics_of_the_paper(real: Real) -> None:
    shapes = {
        name: value
        for name, value in measure(real, draw_squares(24, 3)).reported.items()
        if name.startswith("shape_")
    }
    assert {name: (value.value, value.real) for name, value in shapes.items()} == {
        "shape_detection_rate": (1, 1),
        "shape_acd": (0, 0),  # a square does not change its color
        "shape_displacement": (6, 6),  # 2 pixels in each of 3 steps
    }
    noise = np.random.default_rng(0).integers(0, 256, (24, 4, 16, 16, 3), dtype=np.uint8)
    held_out = real.data.held_out._replace(clips=noise)
    others = real._replace(data=real.data._replace(held_out=held_out))
    assert not [name for name in measure(others, noise).reported if name.startswith("shape_")]


class MeanColors(tf.Module):
    """Features of clips: their mean colors."""

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 16, 16, 3], tf.uint8, "clips")])
    def __call__(self, clips: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.cast(clips, tf.float32), axis=[1, 2, 3])


def test_fvd_needs_features(real: Real, tmp_path: Path) -> None:
    reported = measure(real, draw_squares(24, 3)).reported
    assert (reported["fvd"].value, "frechet_distance" in reported) == (None, False)
    assert reported["fvd"].note == (
        "not measured: set evaluator.features to a SavedModel or a TF-Hub handle"
    )

    module = MeanColors()
    tf.saved_model.save(module, str(tmp_path), {"serving_default": module.__call__})
    config = EvaluatorConfig(features=str(tmp_path), motion_control=False)
    good, black = (
        measure(real, clips, config=config).reported
        for clips in (draw_squares(24, 3), np.zeros((24, 4, 16, 16, 3), np.uint8))
    )
    assert "fvd" not in good
    distances = [each["frechet_distance"].value for each in (good, black)]
    assert distances[0] is not None
    assert distances[1] is not None
    assert distances[1] > 10 * distances[0]
    assert str(tmp_path) in good["frechet_distance"].protocol
