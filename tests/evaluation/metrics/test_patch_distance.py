from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.clip_features import clip_features
from mocogan.evaluation.metrics.patch_distance import METRICS, patch_distance


def moving_squares(seed: int, speed: int = 1) -> np.ndarray:
    """[8, 4, 32, 32, 3]: a bright square at a random place that moves right."""
    random = np.random.default_rng(seed)
    clips = np.zeros((8, 4, 32, 32, 3), np.uint8)
    for clip in clips:
        left, top = random.integers(0, 12, 2)
        for number, frame in enumerate(clip):
            frame[top : top + 8, left + speed * number : left + speed * number + 8] = 255
    return clips


def test_patches_of_clips_in_any_order_have_no_distance() -> None:
    clips = moving_squares(0)
    assert patch_distance(clips, clips[::-1]) == 0


def test_patches_see_other_motion_gray_and_noise() -> None:
    real = moving_squares(0)
    noise = np.random.default_rng(2).integers(0, 256, real.shape, dtype=np.uint8)
    others = [moving_squares(1), moving_squares(1, speed=4), np.full_like(real, 128), noise]
    distances = [patch_distance(real, other) for other in others]
    assert distances[0] < min(distances[1:])
    assert distances == [patch_distance(real, other) for other in others]
    assert patch_distance(others[0], real) == pytest.approx(distances[0])


def test_the_distance_of_plain_clips_is_about_their_difference() -> None:
    # One band. The mean of |sum of a direction| is sqrt(2 / pi) = 0.8, with few directions.
    black, gray = (np.full((4, 4, 16, 16, 3), level, np.uint8) for level in (0, 100))
    distance = patch_distance(black, gray)
    assert distance == pytest.approx(100 * np.sqrt(2 / np.pi), rel=0.3)
    assert patch_distance(gray, gray) == 0


def test_it_is_the_mean_over_the_bands() -> None:
    real, other = moving_squares(0), moving_squares(1, speed=2)
    one, two = clip_features(real), clip_features(other)
    everything = np.ones(8, bool)
    bands = [
        metric.compare(one[metric.feature], two[metric.feature])(everything, everything)
        for metric in METRICS[:2]
    ]
    assert bands[0] != bands[1]
    assert patch_distance(real, other) == pytest.approx(np.mean(bands))


def test_single_frames_have_patches_too() -> None:
    black, white = np.zeros((2, 1, 8, 8, 3), np.uint8), np.full((2, 1, 8, 8, 3), 255, np.uint8)
    assert patch_distance(black, white) > 64
