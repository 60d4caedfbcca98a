"""Each distance against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.sliced_wasserstein import (
    frame_vectors,
    patch_vectors,
    projected_wasserstein,
    random_directions,
    sliced_wasserstein,
    sliced_wasserstein_patches,
    wasserstein_1,
    xt_slices,
    yt_slices,
)


def test_wasserstein_1_by_hand() -> None:
    assert wasserstein_1(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == 0
    assert wasserstein_1(np.array([0.0, 1.0]), np.array([3.0, 6.0])) == 4  # (3 + 5) / 2
    # One third of the mass of {0, 0, 6} has to travel 6 to become {0}.
    assert wasserstein_1(np.array([0.0, 0.0, 6.0]), np.array([0.0])) == pytest.approx(2)
    # {0, 1} against {0, 0.5, 1}: a sixth of the mass moves 0.5, at both ends.
    thirds = np.array([0.0, 0.5, 1.0])
    assert wasserstein_1(np.array([0.0, 1.0]), thirds) == pytest.approx(1 / 6)


def test_samples_of_equal_and_of_unequal_sizes_are_measured_alike() -> None:
    random = np.random.default_rng(1)
    first, second = random.random(40), random.random(40) + 0.3
    twice = wasserstein_1(np.repeat(first, 2), second)
    assert wasserstein_1(first, second) == pytest.approx(twice)


def test_sliced_wasserstein_of_one_dimension_is_wasserstein_1() -> None:
    first, second = np.array([[0.0], [1.0]]), np.array([[3.0], [6.0]])
    assert sliced_wasserstein(first, second, seed=3) == pytest.approx(4)


def test_sliced_wasserstein_of_even_pictures_is_about_their_difference() -> None:
    black, gray = np.zeros((4, 768)), np.full((5, 768), 100.0)
    distance = sliced_wasserstein(black, gray, seed=0)
    # The mean of |N(0, 1)| is sqrt(2 / pi) = 0.8; 128 projections leave an error of 5 %.
    assert distance == pytest.approx(100 * np.sqrt(2 / np.pi), rel=0.2)
    assert sliced_wasserstein(gray, gray, seed=0) == 0


def test_sliced_wasserstein_is_a_function_of_clips_and_seed() -> None:
    random = np.random.default_rng(5)
    first, second = random.random((6, 12)), random.random((4, 12))
    distance = sliced_wasserstein(first, second, seed=1)
    assert distance == sliced_wasserstein(first, second, seed=1)
    assert distance == pytest.approx(sliced_wasserstein(second, first, seed=1))
    assert distance != sliced_wasserstein(first, second, seed=2)


def test_slices_show_rows_and_columns_over_time() -> None:
    clip = np.arange(2 * 3 * 4 * 1).reshape(1, 2, 3, 4, 1)
    assert frame_vectors(clip).tolist() == [list(range(12)), list(range(12, 24))]
    assert xt_slices(clip).shape == (3, 8)
    assert xt_slices(clip)[1].tolist() == [4, 5, 6, 7, 16, 17, 18, 19]
    assert yt_slices(clip).shape == (4, 6)
    assert yt_slices(clip)[1].tolist() == [1, 5, 9, 13, 17, 21]


def test_patches_are_all_those_of_two_frames() -> None:
    clip = np.arange(3 * 5 * 4).reshape(1, 3, 5, 4, 1)
    patches = patch_vectors(clip)
    assert patches.shape == (2 * 2 * 1, 2 * 4 * 4)
    assert patches[1].tolist() == [*range(4, 20), *range(24, 40)]  # frames 0 and 1 from row 1 on
    assert patch_vectors(clip[:, :1]).shape == (2, 16)


def test_the_distance_of_patches_is_that_of_their_vectors() -> None:
    first, second = (np.random.default_rng(n).random((3, 3, 6, 5, 3), np.float32) for n in (0, 1))
    directions = random_directions(2 * 4 * 4 * 3, seed=4, count=64)
    direct = projected_wasserstein(
        patch_vectors(first) @ directions, patch_vectors(second) @ directions
    )
    assert sliced_wasserstein_patches(first, second, seed=4) == pytest.approx(direct, rel=1e-5)


def test_directions_have_length_one() -> None:
    np.testing.assert_allclose(np.linalg.norm(random_directions(7, 0), axis=0), 1)


def moving_squares(seed: int, speed: int = 1) -> np.ndarray:
    """[8, 4, 16, 16, 3]: a bright square at a random place that moves right."""
    random = np.random.default_rng(seed)
    clips = np.zeros((8, 4, 16, 16, 3), np.float32)
    for clip in clips:
        left, top = random.integers(0, 6, 2)
        for number, frame in enumerate(clip):
            frame[top : top + 4, left + speed * number : left + speed * number + 4] = 255.0
    return clips


def test_patches_in_any_order_have_no_distance() -> None:
    clips = moving_squares(0)
    assert sliced_wasserstein_patches(clips, clips[::-1], seed=0) == pytest.approx(0, abs=1e-4)


def test_patches_see_other_motion_gray_and_noise() -> None:
    real = moving_squares(0)
    noise = np.random.default_rng(2).uniform(0, 255, real.shape).astype(np.float32)
    others = [moving_squares(1), moving_squares(1, speed=2), np.full_like(real, 127.5), noise]
    distances = [sliced_wasserstein_patches(real, other, seed=0) for other in others]
    assert distances[0] < min(distances[1:])
    assert distances[0] < 13 < distances[2]


def test_single_frames_have_patches_too() -> None:
    black, white = np.zeros((2, 1, 8, 8, 3), np.float32), np.full((2, 1, 8, 8, 3), 255, np.float32)
    assert sliced_wasserstein_patches(black, white, seed=0) > 64
