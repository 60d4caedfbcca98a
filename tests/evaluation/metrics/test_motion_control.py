from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.records.keys import UNSEEN_CATEGORY
from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.evaluation.metrics.motion_control import (
    LabeledClips,
    MotionClassifier,
    MotionControl,
    motion_control,
)

FRAMES, SIZE = 8, 32


def labeled(first_seed: int, count: int) -> LabeledClips:
    clips = [
        shape_motion_frames(first_seed + number, DIRECTIONS[number % 2], FRAMES, SIZE)
        for number in range(count)
    ]
    return LabeledClips(np.stack(clips), np.arange(count) % 2)


@pytest.fixture(scope="module")
def training() -> LabeledClips:
    return labeled(0, 160)


@pytest.fixture(scope="module")
def held_out() -> LabeledClips:
    return labeled(1000, 60)


@pytest.fixture(scope="module")
def real_as_generated(training: LabeledClips, held_out: LabeledClips) -> MotionControl:
    return motion_control(training, held_out, held_out, 2, seed=1)


def test_real_clips_get_the_accuracy_of_held_out_clips(real_as_generated: MotionControl) -> None:
    assert real_as_generated.score == real_as_generated.real_accuracy
    assert real_as_generated.score > 0.9
    assert real_as_generated.num_clips == real_as_generated.num_real_clips == 60
    np.testing.assert_array_equal(real_as_generated.confusion, real_as_generated.real_confusion)


def test_rows_of_the_confusion_are_requested_classes(
    training: LabeledClips, held_out: LabeledClips, real_as_generated: MotionControl
) -> None:
    few = np.flatnonzero((held_out.categories == 0) | (np.arange(60) < 20))
    asked = LabeledClips(held_out.clips[few], np.ones(len(few), np.int64))
    values = motion_control(training, held_out, asked, 2, seed=1)
    np.testing.assert_array_equal(values.confusion.sum(axis=1), [0, len(few)])
    assert values.confusion[1, 0] >= 0.8 * 30  # class 0 is seen, though class 1 was requested
    assert values.score == values.confusion[1, 1] / len(few)
    assert values.chance == 1
    np.testing.assert_array_equal(values.real_confusion, real_as_generated.confusion)


def test_shuffled_requests_get_about_chance(training: LabeledClips, held_out: LabeledClips) -> None:
    shuffled = np.random.default_rng(0).permutation(held_out.categories)
    values = motion_control(training, held_out, LabeledClips(held_out.clips, shuffled), 2, seed=1)
    assert values.chance == 0.5
    assert values.score == pytest.approx(0.5, abs=0.2)
    assert values.real_accuracy is not None
    assert values.real_accuracy > 0.9


def test_clips_without_a_class_are_left_out() -> None:
    real = labeled(0, 12)
    unseen = LabeledClips(real.clips, np.where(np.arange(12) < 4, UNSEEN_CATEGORY, real.categories))
    values = motion_control(unseen, unseen, unseen, 2)
    np.testing.assert_array_equal(values.confusion.sum(axis=1), [4, 4])
    np.testing.assert_array_equal(values.real_confusion.sum(axis=1), [4, 4])


def test_without_held_out_clips_the_real_accuracy_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = labeled(0, 8)
    values = motion_control(real, LabeledClips(real.clips[:0], real.categories[:0]), real, 3)
    assert values.real_accuracy is None
    assert values.num_real_clips == 0
    assert values.confusion.shape == values.real_confusion.shape == (3, 3)
    assert "motion classifier: 8/8 epochs" in capsys.readouterr().err


def test_a_sample_without_classes_is_named() -> None:
    real = labeled(0, 4)
    none = LabeledClips(real.clips, np.full(4, UNSEEN_CATEGORY))
    with pytest.raises(ValueError, match="needs training clips with a class"):
        motion_control(none, real, real, 2)
    with pytest.raises(ValueError, match="needs generated clips with a class"):
        motion_control(real, real, none, 2)


@pytest.mark.exhaustive
def test_a_classifier_is_the_same_for_a_seed() -> None:
    real = labeled(0, 16)
    first, again = (MotionClassifier(real, 2, seed=3).logits(real.clips) for _ in range(2))
    np.testing.assert_array_equal(first, again)
