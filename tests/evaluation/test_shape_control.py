from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.synthetic.shapes import (
    DIRECTIONS,
    draw,
    random_content,
    random_path,
    shape_motion_frames,
)
from mocogan.evaluation.disentanglement import kept
from mocogan.evaluation.motion_classifier import LabelledClips, MotionClassifier
from mocogan.evaluation.shape_detector import FoundShapes, areas_of, find_shapes
from mocogan.pipeline.experiments.shape_sampling import sample_of_classes, sample_triples
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.export.saved_model import Sampler, export
from mocogan.trainer.state import TrainingState

CLIPS, FRAMES, SIZE = 24, 8, 32


def found_shapes(
    centres: Sequence[Sequence[float]], colour: Sequence[float], area: float = 20.0
) -> FoundShapes:
    """One clip; nothing is found where the centre is at the frame's edge, x = 0."""
    count = len(centres)
    return FoundShapes(
        np.array([[x > 0 for x, _ in centres]]),
        np.full((1, count), area, np.float32),
        np.full((1, count, 3), colour, np.float32),
        np.array([centres], np.float32),
        np.ones((1, count), np.float32),
    )


def drawn(content_seed: int, motion_seed: int) -> np.ndarray:
    """Clips of seeds of their own for content and for motion, as a model should make them."""
    clips = []
    for number in range(CLIPS):
        content = random_content(np.random.default_rng([content_seed, number]))
        path = random_path(np.random.default_rng([motion_seed, number]), DIRECTIONS[0], FRAMES)
        clips.append(draw(content, path, SIZE))
    return np.stack(clips)


def labelled(first_seed: int, count: int) -> LabelledClips:
    clips = [
        shape_motion_frames(first_seed + number, DIRECTIONS[number % 2], FRAMES, SIZE)
        for number in range(count)
    ]
    return LabelledClips(np.stack(clips), np.arange(count) % 2)


def test_kept_compares_with_strangers() -> None:
    clips = found_shapes([(5, 5), (5, 9)], (100, 0, 0), area=20)
    other_motion = found_shapes([(5, 13), (5, 17)], (70, 0, 0), area=22)
    other_content = found_shapes([(6, 5), (8, 9)], (0, 0, 0), area=30)
    figures = kept(clips, other_motion, other_content)
    assert figures.content_kept == pytest.approx(1 - 30 / 100)
    assert figures.size_kept == pytest.approx(1 - 2 / 10)
    assert figures.form_kept is None  # all are as full
    assert figures.motion_kept == pytest.approx(1 - 2 / 8)
    assert figures.triples == 1


def test_paths_are_compared_where_both_are_seen() -> None:
    clips = found_shapes([(5, 5), (5, 5), (0, 0)], (9, 9, 9))
    other_motion = found_shapes([(5, 10), (5, 10), (5, 10)], (8, 8, 8))
    other_content = found_shapes([(0, 0), (5, 6), (5, 7)], (0, 0, 0))
    assert kept(clips, other_motion, other_content).motion_kept == pytest.approx(1 - 1 / 5)


@pytest.mark.parametrize(
    "unseen",
    [
        [(0, 0), (0, 0), (0, 0), (5, 5)],  # in less than half of the frames
        [(0, 0), (0, 0), (5, 5), (5, 5)],  # in no frame in which the others are
    ],
)
def test_triples_that_cannot_be_compared_are_left_out(unseen: Sequence[Sequence[float]]) -> None:
    seen = found_shapes([(5, 5), (5, 5), (0, 0), (0, 0)], (9, 9, 9))
    assert kept(seen, seen, found_shapes(unseen, (1, 1, 1))) == (None, None, None, None, 0)
    assert kept(seen, seen, found_shapes([(5, 5), *unseen[1:]], (1, 1, 1))).triples == 1


def test_shapes_drawn_from_seeds_of_their_own_keep_both() -> None:
    clips, other_motion, other_content = drawn(1, 1), drawn(1, 2), drawn(2, 1)
    areas = areas_of(clips)
    shapes = [find_shapes(it, areas) for it in (clips, other_motion, other_content)]
    figures = kept(*shapes)
    assert figures.triples == CLIPS
    assert min(figures[:4]) > 0.9
    confused = kept(shapes[0], shapes[2], shapes[1])
    assert max(confused[:4]) < 0


def test_a_classifier_tells_directions_it_has_not_seen() -> None:
    classifier = MotionClassifier(labelled(0, 160), num_categories=2, seed=1)
    unseen = labelled(1000, 60)
    assert classifier.agreement(unseen) > 0.9
    backwards = LabelledClips(unseen.clips, 1 - unseen.categories)
    assert classifier.agreement(backwards) == pytest.approx(1 - classifier.agreement(unseen))


def test_a_classifier_is_the_same_for_a_seed() -> None:
    real = labelled(0, 16)
    first, again = (MotionClassifier(real, 2, seed=3).logits(real.clips) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Any]:
    """Untrained models of 2 and of 0 classes."""
    models = {}
    for num_categories in (2, 0):
        hyperparameters = HyperParameters(width=4, mixed_precision="float32")
        state = TrainingState(hyperparameters, (4, 8, 8, 3), num_categories)
        folder = str(tmp_path_factory.mktemp("model") / "saved")
        export(Sampler(hyperparameters, state, (4, 8, 8, 3)), folder)
        models[num_categories] = tf.saved_model.load(folder)
    return models


def test_clips_of_each_class_are_asked_for(models: dict[int, Any]) -> None:
    asked = sample_of_classes(models[2], 2, num_clips=3, seed=7)
    assert asked.categories.tolist() == [0, 0, 0, 1, 1, 1]
    second = models[2].signatures["sample_category"](
        num_clips=tf.constant(3), seed=tf.constant(8, tf.int64), category=tf.constant(1, tf.int64)
    )
    np.testing.assert_array_equal(asked.clips[3:], second["clips"])


@pytest.mark.parametrize("num_categories", [2, 0])
def test_triples_share_content_or_motion(models: dict[int, Any], num_categories: int) -> None:
    triples = sample_triples(models[num_categories], num_categories, num_clips=2, seed=5)
    count = 2 * max(1, num_categories)
    assert [clips.shape for clips in triples] == [(count, 4, 8, 8, 3)] * 3
    seed, category = (7, 1) if num_categories else (3, -1)  # of the last two
    for clips, content, motion in zip(
        triples, (seed, seed, seed + 1), (seed, seed + 1, seed), strict=True
    ):
        wanted = models[num_categories].signatures["sample_controlled"](
            num_clips=tf.constant(2),
            content_seed=tf.constant(content, tf.int64),
            motion_seed=tf.constant(motion, tf.int64),
            category=tf.constant(category, tf.int64),
        )
        np.testing.assert_array_equal(clips[-2:], wanted["clips"])
