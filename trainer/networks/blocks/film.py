"""FiLM: a vector scales and shifts the channels of a layer."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream


class FiLM(tf.Module):
    """Scales and shifts each channel by functions of z_content, then applies ReLU.

    Feature-wise linear modulation (arXiv:1709.07871). All frames of a clip have the same scale and shift, as in
    arXiv:2112.14683. So the content of a clip reaches the layers on a path of its own.
    """

    def __init__(self, random: RandomStream, *, latents: slice, channels: int) -> None:
        """`latents`: the part of z_content to read. Its start and stop must be set."""
        super().__init__()
        self.style = Dense(
            random,
            inputs=latents.stop - latents.start,
            outputs=2 * channels,
            init=unit_gain_normal,
        )
        self._latents = latents

    def __call__(self, x: tf.Tensor, z_content: tf.Tensor) -> tf.Tensor:
        """[N, H, W, C], [B, Dc] with N a multiple of B -> [N, H, W, C]."""
        style = self.style(tf.cast(z_content[:, self._latents], x.dtype))[:, tf.newaxis]
        scale, shift = tf.split(style, 2, axis=-1)
        clips = tf.reshape(x, [tf.shape(style)[0], -1, x.shape[-1]])
        return tf.reshape(tf.nn.relu(clips * (1 + scale) + shift), tf.shape(x))
