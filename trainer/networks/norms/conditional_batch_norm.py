"""Batch norm whose scale and shift follow from latents, with ReLU: one layer of three, computed in few passes."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.fused import normalized_relu
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.networks.norms.batch_norm import (
    EPSILON,
    across_replicas,
    sync_batch_norm,
    update_moments,
)
from mocogan.trainer.runtime.randomness import RandomStream


class ConditionalBatchNorm(tf.Module):
    """relu((1 + scale) * normalized + shift), with scale and shift of each channel from a dense layer.

    Batch norm (arXiv:1502.03167), then FiLM (arXiv:1709.07871), then ReLU. Together they read and write the memory less
    often, and the memory limits them (docs/results/speed.md).
    """

    def __init__(self, random: RandomStream, *, inputs: int, channels: int) -> None:
        """`inputs`: length of the latents."""
        super().__init__()
        self.style = Dense(random, inputs=inputs, outputs=2 * channels, init=unit_gain_normal)
        self.mean = tf.Variable(tf.zeros([channels]), trainable=False, name="mean")
        self.variance = tf.Variable(tf.ones([channels]), trainable=False, name="variance")

    def __call__(self, x: tf.Tensor, latents: tf.Tensor, training: bool) -> tf.Tensor:
        """[N, H, W, C], [B, inputs] with N a multiple of B -> [N, H, W, C] >= 0, in the dtype of x."""
        style = tf.cast(self.style(tf.cast(latents, x.dtype)), tf.float32)[:, tf.newaxis]
        scale, shift = tf.split(style, 2, axis=-1)
        scale += 1
        flat = tf.reshape(x, [tf.shape(latents)[0], -1, x.shape[-1]])
        if not training:
            scale *= tf.math.rsqrt(self.variance + EPSILON)
            shift -= self.mean * scale
            y = tf.nn.relu(tf.cast(tf.cast(flat, tf.float32) * scale + shift, x.dtype))
        elif across_replicas():
            channels = self.mean.shape
            normalized, mean, variance = sync_batch_norm(
                flat, tf.ones(channels), tf.zeros(channels), EPSILON
            )
            update_moments(self.mean, self.variance, mean, variance)
            y = tf.nn.relu(tf.cast(tf.cast(normalized, tf.float32) * scale + shift, x.dtype))
        else:
            y, mean, variance = normalized_relu(flat, scale, shift, tf.constant(EPSILON))
            count = tf.cast(tf.size(x) // x.shape[-1], tf.float32)
            unbiased = variance * count / tf.maximum(count - 1, 1)
            update_moments(self.mean, self.variance, mean, unbiased)
        return tf.reshape(y, tf.shape(x))
