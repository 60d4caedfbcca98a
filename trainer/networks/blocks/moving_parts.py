"""Moves parts of a picture: the same picture for a whole clip, other places in each frame."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream

# Effect of an output of 1.
_SHIFT = 0.25  # of the picture's side
_ZOOM = 0.25  # exponent: exp(0.25) is 28 % larger
_OWN_SHARE = 0.25  # of a part's own movement, beside the movement of all parts


class MovingParts(tf.Module):
    """Splits the channels of a picture into parts. The first part stays. The others are shifted and scaled.

    A spatial transformer (arXiv:1506.02025) of shifts and scales along the two axes. A thing that moves keeps its form,
    because the form is in the picture, and the picture is the same in all frames. All parts share one movement, and
    each adds a smaller one of its own. What leaves the frame is lost, and zeros enter.
    """

    def __init__(self, random: RandomStream, *, inputs: int, num_parts: int) -> None:
        """`inputs`: length of the latents; `num_parts`: number of parts that move, at least 1."""
        super().__init__()
        self.movement = Dense(
            random, inputs=inputs, outputs=4 * (1 + num_parts), init=unit_gain_normal
        )
        self._num_parts = num_parts

    def __call__(self, pictures: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
        """[B, S, S, C], [N, Dz] with N a multiple of B -> [N, S, S, C]. C must exceed the number of parts."""
        size, parts = pictures.shape[1], self._num_parts
        count, frames = tf.shape(pictures)[0], tf.shape(z)[0] // tf.shape(pictures)[0]
        channels = pictures.shape[3] // (1 + parts)
        still, moving = pictures[..., : -parts * channels], pictures[..., -parts * channels :]
        rows, columns = self._weights(z, size)
        # The transposes bring the axis that a product runs over to its place.
        x = tf.reshape(moving, [count, size, size, parts, channels])
        x = tf.reshape(tf.transpose(x, [0, 3, 1, 2, 4]), [count, parts, size, size * channels])
        rows = tf.reshape(rows, [count, frames, parts, size, size])
        rows = tf.reshape(tf.transpose(rows, [0, 2, 1, 3, 4]), [count, parts, frames * size, size])
        x = tf.reshape(tf.matmul(rows, x), [count, parts, frames, size, size, channels])
        x = tf.reshape(
            tf.transpose(x, [0, 2, 1, 4, 3, 5]), [count * frames, parts, size, size * channels]
        )
        x = tf.reshape(tf.matmul(columns, x), [count * frames, parts, size, size, channels])
        x = tf.reshape(tf.transpose(x, [0, 3, 2, 1, 4]), [-1, size, size, parts * channels])
        return tf.concat([tf.repeat(still, frames, axis=0), x], axis=-1)

    def _weights(self, z: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Bilinear weights of rows and columns: [N, Dz] -> twice [N, parts, size of the frame, size of the picture]."""
        movement = tf.reshape(tf.cast(self.movement(z), tf.float32), [-1, 1 + self._num_parts, 4])
        movement = movement[:, :1] + _OWN_SHARE * movement[:, 1:]
        pixels = tf.range(size, dtype=tf.float32)
        middle = (size - 1) / 2

        def weights(shift: tf.Tensor, zoom: tf.Tensor) -> tf.Tensor:
            places = pixels - middle - _SHIFT * size * shift[..., tf.newaxis]
            sources = places * tf.exp(-_ZOOM * zoom[..., tf.newaxis]) + middle
            distances = tf.abs(sources[..., tf.newaxis] - pixels)
            return tf.cast(tf.nn.relu(1 - distances), z.dtype)

        down, taller, right, wider = tf.unstack(movement, axis=-1)
        return weights(down, taller), weights(right, wider)
