"""Each figure against a value worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mocogan.evaluation import clip_distances as metrics


def _clips(values: list[list[float]], size: int = 2) -> np.ndarray:
    """[N][T] grey levels -> [N, T, size, size, 3] uint8 clips of even frames."""
    grey = np.array(values, np.uint8)
    return np.broadcast_to(grey[:, :, None, None, None], (*grey.shape, size, size, 3)).copy()


def test_wasserstein_1_by_hand() -> None:
    assert metrics.wasserstein_1(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == 0
    assert metrics.wasserstein_1(np.array([0.0, 1.0]), np.array([3.0, 6.0])) == 4  # (3 + 5) / 2
    # One third of the mass of {0, 0, 6} has to travel 6 to become {0}.
    assert metrics.wasserstein_1(np.array([0.0, 0.0, 6.0]), np.array([0.0])) == pytest.approx(2)
    # {0, 1} against {0, 0.5, 1}: a sixth of the mass moves 0.5, at both ends.
    assert metrics.wasserstein_1(np.array([0.0, 1.0]), np.array([0.0, 0.5, 1.0])) == pytest.approx(
        1 / 6
    )


def test_sliced_wasserstein_of_one_dimension_is_wasserstein_1() -> None:
    first, second = np.array([[0.0], [1.0]]), np.array([[3.0], [6.0]])
    assert metrics.sliced_wasserstein(first, second, seed=3) == pytest.approx(4)


def test_sliced_wasserstein_of_even_pictures_is_about_their_difference() -> None:
    black, grey = np.zeros((4, 768)), np.full((5, 768), 100.0)
    distance = metrics.sliced_wasserstein(black, grey, seed=0)
    # The mean of |N(0, 1)| is sqrt(2 / pi) = 0.8; 128 projections leave an error of 5 %.
    assert distance == pytest.approx(100 * np.sqrt(2 / np.pi), rel=0.2)
    assert metrics.sliced_wasserstein(grey, grey, seed=0) == 0


def test_sliced_wasserstein_is_a_function_of_clips_and_seed() -> None:
    random = np.random.default_rng(5)
    first, second = random.random((6, 12)), random.random((4, 12))
    distance = metrics.sliced_wasserstein(first, second, seed=1)
    assert distance == metrics.sliced_wasserstein(first, second, seed=1)
    assert distance == pytest.approx(metrics.sliced_wasserstein(second, first, seed=1))
    assert distance != metrics.sliced_wasserstein(first, second, seed=2)


def test_pool_takes_means_over_areas() -> None:
    clip = np.zeros((1, 1, 32, 32, 3), np.uint8)
    clip[0, 0, 0, 0] = 100
    pooled = metrics.pool(clip)
    assert pooled.shape == (1, 1, 16, 16, 3)
    assert pooled[0, 0, 0, 0].tolist() == [25, 25, 25]
    assert pooled.sum() == 75


def test_pool_keeps_small_clips_and_the_mean_of_odd_sizes() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 20, 3), np.uint8)
    pooled = metrics.pool(clip)
    assert pooled.shape == (2, 3, 8, 16, 3)
    edges = [0, 1, 2, 3, 5]  # of 20 pixels over 16 cells: 0, 1.25, 2.5, 3.75, 5, rounded down
    expected = [clip[..., a:b, :].mean(axis=3) for a, b in pairwise(edges)]
    np.testing.assert_allclose(pooled[..., :4, :], np.stack(expected, axis=3), rtol=1e-6)


def test_slices_show_rows_and_columns_over_time() -> None:
    clip = np.arange(2 * 3 * 4 * 1).reshape(1, 2, 3, 4, 1)
    assert metrics.frame_vectors(clip).tolist() == [list(range(12)), list(range(12, 24))]
    assert metrics.xt_slices(clip).shape == (3, 8)
    assert metrics.xt_slices(clip)[1].tolist() == [4, 5, 6, 7, 16, 17, 18, 19]
    assert metrics.yt_slices(clip).shape == (4, 6)
    assert metrics.yt_slices(clip)[1].tolist() == [1, 5, 9, 13, 17, 21]


def test_motion_magnitudes_are_mean_differences_of_frames() -> None:
    assert metrics.motion_magnitudes(_clips([[0, 200, 190], [5, 5, 5]])).tolist() == [200, 10, 0, 0]


def test_mean_pairwise_distance_by_hand() -> None:
    clips = metrics.pool(_clips([[0, 0], [0, 100], [100, 100]]))
    half = np.sqrt(0.5) * 100
    assert metrics.mean_pairwise_distance(clips) == pytest.approx((half + 100 + half) / 3)
    assert metrics.mean_pairwise_distance(clips[:1]) == 0
    assert metrics.mean_pairwise_distance(clips[[1, 1, 1]]) == 0


def test_ratios_and_brightness_of_clips() -> None:
    real, generated = _clips([[0, 20], [40, 60]]), _clips([[0, 10], [10, 20], [0, 10]])
    distances = metrics.clip_distances(real, generated, seed=0)
    assert distances.motion_ratio == pytest.approx(0.5)
    assert distances.wasserstein_motion == pytest.approx(10)
    assert distances.diversity_ratio == pytest.approx((10 + 10 + 0) / 3 / 40)
    assert distances.brightness_real == 30
    assert distances.brightness_generated == pytest.approx(25 / 3)
    three = [
        distances.sliced_wasserstein_frames,
        distances.sliced_wasserstein_xt,
        distances.sliced_wasserstein_yt,
    ]
    assert distances.sliced_wasserstein == pytest.approx(np.mean(three))


def test_ratios_are_undefined_where_the_real_clips_neither_move_nor_differ() -> None:
    still = _clips([[7, 7], [7, 7]])
    distances = metrics.clip_distances(still, _clips([[0, 9], [3, 4]]), seed=0)
    assert distances.motion_ratio is None
    assert distances.diversity_ratio is None
    one = metrics.clip_distances(_clips([[0, 9]]), _clips([[0, 9], [3, 4]]), seed=0)
    assert one.diversity_ratio is None
    assert one.motion_ratio == pytest.approx(5 / 9)


def test_time_reversed_clips_differ_in_slices_only() -> None:
    clips = _clips([[0, 50, 100, 255], [10, 20, 30, 90]])
    distances = metrics.clip_distances(clips, clips[:, ::-1], seed=0)
    assert distances.sliced_wasserstein_frames == pytest.approx(0, abs=1e-5)
    assert distances.sliced_wasserstein_xt > 1
    assert distances.sliced_wasserstein_yt > 1
    assert distances.wasserstein_motion == 0


def test_floor_is_the_distance_between_halves() -> None:
    clips = _clips([[0, 0]] * 8)
    assert metrics.floor_distances(clips, seed=0).sliced_wasserstein == 0
    mixed = np.concatenate([clips[:4], _clips([[200, 200]] * 4)])
    floor = metrics.floor_distances(mixed, seed=0)
    assert floor == metrics.floor_distances(mixed, seed=0)
    assert floor.brightness_real + floor.brightness_generated == pytest.approx(200)
