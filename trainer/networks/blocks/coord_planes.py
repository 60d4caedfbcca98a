"""Coordinate planes: linear functions of the pixel position, added to the features of a layer."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream


class CoordPlanes(tf.Module):
    """One plane per channel. The latents determine its slopes and its height.

    Convolutions learn slowly to draw an object at a position that a vector encodes (CoordConv, arXiv:1807.03247).
    A ReLU of a plane marks a region of the frame directly, and the region moves with the latents.
    """

    def __init__(self, random: RandomStream, *, inputs: int, channels: int) -> None:
        super().__init__()
        self.coefficients = Dense(
            random, inputs=inputs, outputs=3 * channels, init=unit_gain_normal, use_bias=False
        )
        # The height has no bias. The batch norm after this layer would remove it.
        self.slopes = tf.Variable(tf.zeros([2 * channels]), name="slopes")

    def __call__(self, z: tf.Tensor, height: int, width: int) -> tf.Tensor:
        """[N, Dz] -> [N, height, width, channels], in the dtype of z."""
        down, right = tf.meshgrid(
            tf.linspace(-1.0, 1.0, height), tf.linspace(-1.0, 1.0, width), indexing="ij"
        )
        places = tf.reshape(tf.stack([down, right, tf.ones_like(down)], axis=-1), [-1, 3])
        bias = tf.pad(self.slopes, [[0, self.slopes.shape[0] // 2]])
        coefficients = self.coefficients(z) + tf.cast(bias, z.dtype)
        channels = coefficients.shape[1] // 3
        planes = tf.matmul(tf.cast(places, z.dtype), tf.reshape(coefficients, [-1, 3, channels]))
        return tf.reshape(planes, [-1, height, width, channels])
