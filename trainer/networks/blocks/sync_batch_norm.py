"""Batch normalisation whose moments are those of the global batch, when replicas share one."""

from __future__ import annotations

import tensorflow as tf


def across_replicas() -> bool:
    """Whether the code that asks runs on one of several replicas."""
    context = tf.distribute.get_replica_context()
    return context is not None and context.num_replicas_in_sync > 1


def sync_batch_norm(
    x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """[..., C], as many values on each replica -> normalised [..., C] and the moments' mean and variance [C], float32.

    All replicas must call it, in the same order. The result has the dtype of `x`; the variance, as that of the fused
    kernel, is the unbiased one, for moving averages. The gradient too is that of the global batch: that of a sum over
    replicas is a sum over replicas.
    """
    context = tf.distribute.get_replica_context()
    values = tf.cast(x, tf.float32)
    axes = list(range(len(x.shape) - 1))
    moments = tf.stack([tf.reduce_mean(values, axes), tf.reduce_mean(tf.square(values), axes)])
    replicas = context.num_replicas_in_sync
    mean, square = tf.unstack(context.all_reduce(tf.distribute.ReduceOp.SUM, moments) / replicas)
    # Rounding can leave less than nothing of a channel that hardly varies.
    variance = tf.maximum(square - tf.square(mean), 0.0)
    slope = scale * tf.math.rsqrt(variance + epsilon)
    normalised = tf.cast(values * slope + (offset - mean * slope), x.dtype)
    count = tf.cast(tf.size(x) // x.shape[-1] * replicas, tf.float32)
    return normalised, mean, variance * count / tf.maximum(count - 1.0, 1.0)
