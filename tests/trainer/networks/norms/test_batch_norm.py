"""Several replicas are in `test_distribution.py`; one alone must do what the fused kernel does."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.norms.batch_norm import across_replicas, sync_batch_norm

EPSILON = 1e-3


def test_one_device_is_not_across_replicas() -> None:
    assert not across_replicas()


def test_moments_by_hand() -> None:
    x = tf.constant([[1.0, 5.0], [3.0, 5.0]])
    normalized, mean, variance = sync_batch_norm(x, tf.constant([2.0, 2.0]), tf.ones([2]), 0.0625)
    assert mean.numpy().tolist() == [2, 5]
    assert variance.numpy().tolist() == [2, 0]  # unbiased; divided by 2 it is 1
    step = 2 / (1 + 0.0625) ** 0.5
    np.testing.assert_allclose(normalized, [[1 - step, 1], [1 + step, 1]], rtol=1e-6)


@pytest.mark.parametrize("shape", [(4, 3, 3, 2), (2, 3, 2, 2, 2)], ids=str)
def test_values_and_gradients_are_those_of_the_fused_kernel(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(3.0, 2.0, shape), tf.float32)
    scale, offset = tf.constant([1.5, 0.5]), tf.constant([0.1, -0.2])
    wish = tf.constant(random.normal(size=shape), tf.float32)

    def fused(
        x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: float
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        flat = tf.reshape(x, [-1, 1, 1, x.shape[-1]])
        flat, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            flat, scale, offset, epsilon=epsilon
        )
        return tf.reshape(flat, x.shape), mean, variance

    results = []
    for function in (sync_batch_norm, fused):
        with tf.GradientTape() as tape:
            tape.watch([x, scale, offset])
            outputs = function(x, scale, offset, EPSILON)
            loss = tf.reduce_sum(wish * outputs[0])
        results.append([*outputs, *tape.gradient(loss, [x, scale, offset])])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_bfloat16_stays_and_its_moments_are_float32() -> None:
    x = tf.cast(tf.random.stateless_normal([64, 3], [0, 0]), tf.bfloat16)
    normalized, mean, variance = sync_batch_norm(x, tf.ones([3]), tf.zeros([3]), EPSILON)
    assert (normalized.dtype, mean.dtype, variance.dtype) == (tf.bfloat16, tf.float32, tf.float32)
