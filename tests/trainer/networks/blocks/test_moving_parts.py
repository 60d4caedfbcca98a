from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.moving_parts import MovingParts
from mocogan.trainer.runtime.randomness import RandomStream

SIZE = 8


def parts_of(num_parts: int, all_parts: list[float], own: list[list[float]]) -> MovingParts:
    """Parts that move by these outputs (down, taller, right, wider), whatever the latents are."""
    parts = MovingParts(RandomStream(1), inputs=2, num_parts=num_parts)
    parts.movement.kernel.assign(tf.zeros_like(parts.movement.kernel))
    parts.movement.bias.assign(tf.concat([all_parts, *own], axis=0))
    return parts


def picture(channels: int, batch: int = 1) -> np.ndarray:
    return np.random.default_rng(0).random((batch, SIZE, SIZE, channels)).astype(np.float32)


@pytest.mark.parametrize(
    ("output", "axis", "pixels"), [(0, 1, 2), (0, 1, -2), (2, 2, 2), (2, 2, -2)]
)
def test_a_part_moves_by_whole_pixels_and_zeros_enter(output: int, axis: int, pixels: int) -> None:
    movement = np.zeros(4)
    movement[output] = pixels / (0.25 * SIZE)
    parts = parts_of(1, movement.tolist(), [[0.0] * 4])
    before = picture(2)
    after = parts(tf.constant(before), tf.zeros([1, 2])).numpy()
    np.testing.assert_array_equal(after[..., :1], before[..., :1])  # the first part stays
    expected = np.roll(before[..., 1:], pixels, axis)
    entered = [slice(None)] * 4
    entered[axis] = slice(None, pixels) if pixels > 0 else slice(pixels, None)
    expected[tuple(entered)] = 0
    np.testing.assert_allclose(after[..., 1:], expected, atol=1e-6)


def test_half_a_pixel_is_a_mean_of_neighbors() -> None:
    parts = parts_of(1, [0.5 / (0.25 * SIZE), 0, 0, 0], [[0.0] * 4])
    before = picture(2)
    after = parts(tf.constant(before), tf.zeros([1, 2])).numpy()
    expected = (before[:, 1:, :, 1] + before[:, :-1, :, 1]) / 2
    np.testing.assert_allclose(after[:, 1:, :, 1], expected, atol=1e-6)


def test_a_part_grows_around_the_middle() -> None:
    before = np.zeros((1, SIZE, SIZE, 2), np.float32)
    before[:, 3:5, 3:5, 1] = 1
    parts = parts_of(1, [0, 4 * math.log(2), 0, 0], [[0.0] * 4])  # twice as tall
    after = parts(tf.constant(before), tf.zeros([1, 2])).numpy()[0, :, :, 1]
    expected = np.outer([0, 0.25, 0.75, 1, 1, 0.75, 0.25, 0], [0, 0, 0, 1, 1, 0, 0, 0])
    np.testing.assert_allclose(after, expected, atol=1e-6)


def test_parts_share_a_movement_and_add_a_quarter_of_their_own() -> None:
    shift = 1 / (0.25 * SIZE)
    parts = parts_of(2, [shift, 0, 0, 0], [[0.0] * 4, [4 * shift, 0, 0, 0]])
    before = picture(3)
    after = parts(tf.constant(before), tf.zeros([1, 2])).numpy()
    np.testing.assert_allclose(after[:, 1:, :, 1], before[:, :-1, :, 1], atol=1e-6)
    np.testing.assert_allclose(after[:, 2:, :, 2], before[:, :-2, :, 2], atol=1e-6)


def test_channels_that_no_part_needs_stay() -> None:
    parts = parts_of(2, [1.0, 0, 0, 0], [[0.0] * 4] * 2)
    before = picture(8)  # two parts of two channels
    after = parts(tf.constant(before), tf.zeros([1, 2])).numpy()
    stays = [np.array_equal(after[..., n], before[..., n]) for n in range(8)]
    assert stays == [True] * 4 + [False] * 4


def test_each_frame_moves_the_picture_of_its_clip() -> None:
    parts = MovingParts(RandomStream(1), inputs=2, num_parts=3)
    pictures, z = picture(4, batch=2), RandomStream(2).normal([6, 2])
    whole = parts(tf.constant(pictures), z).numpy()
    for frame in range(6):
        clip = frame // 3
        alone = parts(tf.constant(pictures[clip : clip + 1]), z[frame : frame + 1]).numpy()
        np.testing.assert_allclose(whole[frame : frame + 1], alone, atol=1e-6)


def test_gradients_reach_pictures_and_movement() -> None:
    parts = MovingParts(RandomStream(1), inputs=2, num_parts=3)
    pictures, z = tf.constant(picture(8, batch=2)), RandomStream(2).normal([4, 2])
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        loss = tf.reduce_sum(tf.square(parts(pictures, z)))
    for slope in tape.gradient(loss, [pictures, *parts.trainable_variables]):
        assert np.abs(slope).max() > 0
