from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.losses.gradient_penalty import gradient_penalty


def test_gradient_penalty_of_a_linear_discriminator_is_known() -> None:
    weights = tf.Variable([[3.0], [4.0]])
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(lambda x: tf.matmul(x, weights), tf.ones([5, 2]))
    # Half of |w| squared = 25, for 2 values of which each moves by a gray level of 2 / 255.
    assert penalty.numpy() == pytest.approx(0.5 * 25 * 2 * (2 / 255) ** 2)
    # d/dw of half w squared is w: the penalty can be trained on.
    expected = [[3.0 * 2 * (2 / 255) ** 2], [4.0 * 2 * (2 / 255) ** 2]]
    np.testing.assert_allclose(tape.gradient(penalty, weights), expected, rtol=1e-5)


def test_gradient_penalty_is_of_the_mean_patch_and_averages_samples() -> None:
    samples = tf.reshape(tf.constant([1.0, 2.0]), [2, 1, 1, 1, 1])

    def discriminator(x: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(x, [2, 1])
        return tf.concat([flat**2, 3 * flat], axis=1)

    slopes = (2 * 1 + 3) / 2, (2 * 2 + 3) / 2
    expected = 0.5 * (slopes[0] ** 2 + slopes[1] ** 2) / 2 * (2 / 255) ** 2
    assert gradient_penalty(discriminator, samples).numpy() == pytest.approx(expected)


def test_gradient_penalty_is_the_same_for_large_and_small_samples() -> None:
    def mean(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(x, axis=[1, 2, 3])[:, tf.newaxis]

    frames = [tf.zeros([2, size, size, 3]) for size in (8, 32)]
    small, large = (gradient_penalty(mean, part).numpy() for part in frames)
    assert small == pytest.approx(large)
    assert small == pytest.approx(0.5 * (2 / 255) ** 2)
