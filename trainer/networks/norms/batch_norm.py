"""Batch normalization with the moments of the global batch, also when several replicas share the batch."""

from __future__ import annotations

import tensorflow as tf

_MOMENTUM = 0.9  # the EMA generator smooths the moments further
EPSILON = 1e-3


class BatchNorm(tf.Module):
    """Normalizes inputs of rank 4 or 5 over all axes but the last; same shape and dtype."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = tf.Variable(tf.ones([channels]), name="scale")
        self.offset = tf.Variable(tf.zeros([channels]), name="offset")
        self.mean = tf.Variable(tf.zeros([channels]), trainable=False, name="mean")
        self.variance = tf.Variable(tf.ones([channels]), trainable=False, name="variance")

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        if training and across_replicas():
            normalized, mean, variance = sync_batch_norm(x, self.scale, self.offset, EPSILON)
            update_moments(self.mean, self.variance, mean, variance)
            return normalized
        shape = tf.shape(x)
        # The fused kernel needs rank 4. The unfused one takes longer than the convolutions.
        flat = tf.reshape(x, [-1, 1, x.shape[-2], x.shape[-1]])
        moments = {} if training else {"mean": self.mean, "variance": self.variance}
        flat, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            flat, self.scale, self.offset, epsilon=EPSILON, is_training=training, **moments
        )
        if training:
            update_moments(self.mean, self.variance, mean, variance)
        return tf.reshape(flat, shape)


def update_moments(
    moving_mean: tf.Variable, moving_variance: tf.Variable, mean: tf.Tensor, variance: tf.Tensor
) -> None:
    """Move the moving averages towards the moments of a batch, [C] each."""
    moving_mean.assign_add((1 - _MOMENTUM) * (mean - moving_mean))
    moving_variance.assign_add((1 - _MOMENTUM) * (variance - moving_variance))


def across_replicas() -> bool:
    """Whether the calling code runs on one of several replicas."""
    context = tf.distribute.get_replica_context()
    return context is not None and context.num_replicas_in_sync > 1


def sync_batch_norm(
    x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """[..., C] -> normalized [..., C] in the dtype of x, and mean and variance of the global batch [C], float32.

    All replicas must call it in the same order, with inputs of the same size. The variance is unbiased, like the one
    that the fused kernel returns for moving averages. Gradients are also those of the global batch, because the
    gradient of a sum over replicas is a sum over replicas.
    """
    context = tf.distribute.get_replica_context()
    values = tf.cast(x, tf.float32)
    axes = list(range(len(x.shape) - 1))
    moments = tf.stack([tf.reduce_mean(values, axes), tf.reduce_mean(tf.square(values), axes)])
    replicas = context.num_replicas_in_sync
    mean, square = tf.unstack(context.all_reduce(tf.distribute.ReduceOp.SUM, moments) / replicas)
    # Rounding can make the variance of a nearly constant channel negative.
    variance = tf.maximum(square - tf.square(mean), 0.0)
    slope = scale * tf.math.rsqrt(variance + epsilon)
    normalized = tf.cast(values * slope + (offset - mean * slope), x.dtype)
    count = tf.cast(tf.size(x) // x.shape[-1] * replicas, tf.float32)
    return normalized, mean, variance * count / tf.maximum(count - 1.0, 1.0)
