"""FiLM: features scaled and shifted by a vector."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream


class FiLM(tf.Module):
    """Scales and shifts each channel by functions of z_content, the same in all frames of a clip, then ReLU.

    Feature-wise linear modulation (arXiv:1709.07871), per clip as in arXiv:2112.14683. It gives what stays the same in
    a clip a way of its own into the layers.
    """

    def __init__(self, random: RandomStream, *, latents: slice, channels: int) -> None:
        """`latents`: the part of z_content that it reads, with a start and a stop."""
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
