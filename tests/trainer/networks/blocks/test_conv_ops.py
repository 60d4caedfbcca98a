"""Each formulation against the plain convolution that it stands for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.conv_ops import (
    convolve_clips,
    fold,
    fold_kernel,
    spread_kernel,
    upsample,
    upsample_by_four_products,
    upsample_by_product,
    upsample_in_squares,
    upsample_plainly,
)

Operation = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def normal(*shape: int) -> tf.Tensor:
    return tf.random.stateless_normal(shape, seed=[1, len(shape)])


def value_and_gradients(
    operation: Operation, x: tf.Tensor, kernel: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        y = operation(x, kernel)
        # Weights that differ, so that no gradient is right by symmetry.
        weights = tf.cos(tf.reshape(tf.range(tf.size(y), dtype=tf.float32), y.shape))
        loss = tf.reduce_sum(y * weights)
    return y, *tape.gradient(loss, [x, kernel])


def assert_same(one: Operation, other: Operation, x: tf.Tensor, kernel: tf.Tensor) -> None:
    pairs = zip(
        value_and_gradients(one, x, kernel), value_and_gradients(other, x, kernel), strict=True
    )
    for made, expected in pairs:
        np.testing.assert_allclose(made, expected, atol=1e-4)


def fold_upsampling_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """[4, 4, out, in] -> [4 in, 4 out]: the pixel before comes first, and sees the taps 2 and 3."""
    _, _, outputs, inputs = kernel.shape
    taps = tf.reverse(tf.reshape(kernel, [2, 2, 2, 2, outputs, inputs]), axis=[0, 2])
    return tf.reshape(tf.transpose(taps, [0, 2, 5, 1, 3, 4]), [4 * inputs, 4 * outputs])


def test_a_fold_keeps_every_pixel_and_adds_a_border() -> None:
    x = tf.reshape(tf.range(1.0, 33.0), [1, 2, 4, 4, 1])
    folded = fold(x)
    assert folded.shape == [1, 2, 3, 3, 4]
    assert folded[0, 0, 0, 0].numpy().tolist() == [0, 0, 0, 1]
    assert folded[0, 0, 1, 1].numpy().tolist() == [6, 7, 10, 11]
    assert tf.reduce_sum(folded) == tf.reduce_sum(x)


@pytest.mark.parametrize(("height", "width"), [(8, 12), (7, 12), (1, 1)])
@pytest.mark.parametrize("channels", [3, 5])
def test_a_folded_convolution_of_frames_is_the_strided_one(
    channels: int, height: int, width: int
) -> None:
    assert_same(
        lambda x, kernel: tf.nn.conv2d(fold(x), fold_kernel(kernel), 1, "VALID"),
        lambda x, kernel: tf.nn.conv2d(x, kernel, 2, "SAME"),
        normal(2, height, width, channels),
        normal(4, 4, channels, 6),
    )


def test_a_folded_convolution_of_clips_is_the_strided_one() -> None:
    border = [[0, 0], [0, 0], [1, 1], [1, 1], [0, 0]]
    assert_same(
        lambda x, kernel: convolve_clips(fold(x), fold_kernel(kernel)),
        lambda x, kernel: tf.nn.conv3d(tf.pad(x, border), kernel, [1, 1, 2, 2, 1], "VALID"),
        normal(2, 6, 8, 8, 3),
        normal(4, 4, 4, 3, 5),
    )


def test_a_penalty_on_the_slope_reaches_the_kernel_of_clips() -> None:
    x, start = normal(1, 5, 4, 4, 2), normal(4, 2, 2, 2, 3)

    def penalty(operation: Operation) -> tf.Tensor:
        kernel = tf.Variable(start)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(tf.square(operation(x, kernel)))
            slope = tf.reduce_sum(tf.square(inner.gradient(y, x)))
        return outer.gradient(slope, kernel)

    np.testing.assert_allclose(
        penalty(convolve_clips),
        penalty(lambda x, kernel: tf.nn.conv3d(x, kernel, [1] * 5, "VALID")),
        rtol=1e-3,
        atol=1e-2,
    )


@pytest.mark.parametrize(
    "operation",
    [
        upsample,
        upsample_in_squares,
        lambda x, kernel: upsample_by_product(x, fold_upsampling_kernel(kernel)),
        lambda x, kernel: upsample_by_four_products(x, fold_upsampling_kernel(kernel)),
    ],
    ids=["own gradient", "squares", "product", "four products"],
)
def test_upsampling_is_the_transposed_convolution(operation: Operation) -> None:
    assert_same(operation, upsample_plainly, normal(3, 4, 6, 5), normal(4, 4, 7, 5))


def test_a_spread_kernel_repeats_pixels_and_convolves() -> None:
    x, kernel = normal(3, 4, 6, 5), normal(3, 3, 7, 5)
    repeated = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
    # A transposed convolution runs through the kernel the other way round.
    turned = tf.transpose(tf.reverse(kernel, axis=[0, 1]), [0, 1, 3, 2])
    np.testing.assert_allclose(
        upsample(x, spread_kernel(kernel)), tf.nn.conv2d(repeated, turned, 1, "SAME"), atol=1e-4
    )
