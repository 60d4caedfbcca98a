from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.evaluation.clip_statistics import (
    contrast,
    distances,
    frame_change,
    nearest_distance,
    pair_distance,
    shrink,
    taken_back,
)


def clips(*values_by_frame: list[float]) -> tf.Tensor:
    """A clip of 2x2 frames of one colour for each list, which gives the frames' values."""
    frames = np.array(values_by_frame, np.float32)[:, :, None, None, None]
    return tf.constant(np.tile(frames, (1, 1, 2, 2, 3)))


def test_shrinking_takes_the_mean_of_squares_and_leaves_small_clips() -> None:
    pixels = np.zeros((1, 2, 32, 32, 3), np.float32)
    pixels[0, 1, 0, 0] = 1.0
    small = shrink(tf.constant(pixels)).numpy()
    assert small.shape == (1, 2, 16, 16, 3)
    np.testing.assert_allclose(small[0, 1, 0, 0], 0.25)
    assert small.sum() == pytest.approx(3 * 0.25)
    assert shrink(tf.zeros([1, 2, 31, 31, 3])).shape[2] == 31


def test_distances_are_root_mean_squares() -> None:
    far = distances(clips([0, 0], [1, 0]), clips([0, 0], [1, 1], [3, 4])).numpy()
    expected = [[0, 1, 12.5**0.5], [0.5**0.5, 0.5**0.5, 10**0.5]]
    np.testing.assert_allclose(far, expected, rtol=1e-6)


def test_pair_distance_is_the_mean_over_pairs_and_unknown_for_one_clip() -> None:
    assert pair_distance(clips([0, 0], [1, 1], [3, 3])).numpy() == pytest.approx((1 + 2 + 3) / 3)
    assert np.isnan(pair_distance(clips([0, 0])).numpy())


def test_nearest_distance_leaves_out_what_is_too_near() -> None:
    real = clips([0, 0], [0, 0], [1, 1], [3, 3])
    assert nearest_distance(clips([1, 1], [2.5, 2.5]), real).numpy() == pytest.approx(0.25)
    among_themselves = nearest_distance(real, real, apart=0.1)
    assert among_themselves.numpy() == pytest.approx((1 + 1 + 1 + 2) / 4)
    assert np.isnan(nearest_distance(real[:2], real[:2], apart=0.1).numpy())


def test_frame_change_is_a_root_mean_square() -> None:
    assert frame_change(clips([0, 1, 1], [0, 0, 3])).numpy() == pytest.approx((10 / 4) ** 0.5)
    assert frame_change(clips([1, 1, 1])).numpy() == 0.0


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([0, 1, 0, 1], 1.0),  # takes turns
        ([0, 1, 2, 3], -1.0),  # goes on
        ([0, 1, 1, 2], 0.0),  # stops now and then
        (
            [0, 2, 1, 1],
            2 / 3,
        ),  # half of one change, and none of the next: 2 / (0.5 * (4 + 1 + 1 + 0))
    ],
)
def test_taken_back_tells_flicker_from_motion(frames: list[float], expected: float) -> None:
    assert taken_back(clips(frames)).numpy() == pytest.approx(expected)


def test_half_is_taken_back_by_frames_that_know_nothing_of_each_other() -> None:
    noise = tf.random.stateless_normal([8, 16, 8, 8, 3], [0, 1])
    assert taken_back(noise).numpy() == pytest.approx(0.5, abs=0.02)
    assert np.isnan(taken_back(clips([1, 1, 1])).numpy())


def test_contrast_is_that_of_a_frame_not_of_the_clip() -> None:
    assert contrast(clips([0, 1, 0])).numpy() == 0.0
    halves = np.zeros((1, 2, 2, 2, 3), np.float32)
    halves[:, :, 0] = 1.0
    assert contrast(tf.constant(halves)).numpy() == pytest.approx(0.5)
