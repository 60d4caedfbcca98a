from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.quick.diversity import (
    mean_pairwise_distance,
    nearest_distance,
    nearest_neighbor_distance,
)
from tests.support.clips_of_levels import clips_of_levels


def as_floats(levels: list[list[int]]) -> np.ndarray:
    return clips_of_levels(levels).astype(np.float32)


def test_the_pairwise_distance_is_a_mean_of_root_mean_squares() -> None:
    clips = as_floats([[0, 0], [0, 100], [100, 100]])
    half = np.sqrt(0.5) * 100
    assert mean_pairwise_distance(clips) == pytest.approx((half + 100 + half) / 3)
    assert mean_pairwise_distance(clips[:1]) == 0
    assert mean_pairwise_distance(clips[[1, 1, 1]]) == 0


def test_the_nearest_of_other_clips() -> None:
    real = as_floats([[0, 0], [0, 0], [10, 10], [30, 30]])
    assert nearest_distance(as_floats([[10, 10], [25, 25]]), real) == pytest.approx((0 + 5) / 2)


def test_the_same_clip_twice_is_no_neighbor() -> None:
    real = as_floats([[0, 0], [0, 0], [10, 10], [30, 30]])
    assert nearest_neighbor_distance(real) == pytest.approx((10 + 10 + 10 + 20) / 4)
    assert nearest_neighbor_distance(real[:2]) is None
    assert nearest_neighbor_distance(real[:1]) is None
    assert nearest_neighbor_distance(as_floats([[0, 0], [1, 1]])) == pytest.approx(1)
