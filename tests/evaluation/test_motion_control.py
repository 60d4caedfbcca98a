from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.evaluation.motion_control import LabeledClips, MotionClassifier

FRAMES, SIZE = 8, 32


def labeled(first_seed: int, count: int) -> LabeledClips:
    clips = [
        shape_motion_frames(first_seed + number, DIRECTIONS[number % 2], FRAMES, SIZE)
        for number in range(count)
    ]
    return LabeledClips(np.stack(clips), np.arange(count) % 2)


def test_a_classifier_tells_directions_it_has_not_seen() -> None:
    classifier = MotionClassifier(labeled(0, 160), num_categories=2, seed=1)
    unseen = labeled(1000, 60)
    assert classifier.accuracy(unseen) > 0.9
    backwards = LabeledClips(unseen.clips, 1 - unseen.categories)
    assert classifier.accuracy(backwards) == pytest.approx(1 - classifier.accuracy(unseen))


@pytest.mark.exhaustive
def test_a_classifier_is_the_same_for_a_seed() -> None:
    real = labeled(0, 16)
    first, again = (MotionClassifier(real, 2, seed=3).logits(real.clips) for _ in range(2))
    np.testing.assert_array_equal(first, again)
