"""A palette: colors that stay the same through a clip."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.fused import palette_mix
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream

# Kernels start at 1/4 of the usual size. An Adam step has a fixed size and so moves colors 4 times as far. Colors need
# this to reach the ends of tanh.
_GAIN = 4.0


class Palette(tf.Module):
    """Mixes each pixel of a clip from a few colors that depend on z_content.

    The colors depend on the content alone, so an object keeps its color while it moves. VGAN mixes a foreground and a
    background in the same way, but from pixels instead of colors (arXiv:1609.02612, section 3.2).
    """

    def __init__(self, random: RandomStream, *, latents: slice, num_colors: int) -> None:
        """`latents`: the part of z_content that determines the colors. Its start and stop must be set."""
        super().__init__()
        self.draw = Dense(
            random,
            inputs=latents.stop - latents.start,
            outputs=3 * num_colors,
            init=_quarter_gain_normal,
        )
        self._num_colors = num_colors
        self._latents = latents

    def __call__(self, x: tf.Tensor, z_content: tf.Tensor) -> tf.Tensor:
        """Mixing logits [N, H, W, K] float32, [B, Dc] with N a multiple of B -> [N, H, W, 3] before tanh."""
        drawn = _GAIN * tf.cast(self.draw(z_content[:, self._latents]), tf.float32)
        colors = tf.reshape(drawn, [-1, self._num_colors, 3])
        logits = tf.reshape(x, [tf.shape(colors)[0], -1, self._num_colors])
        return tf.reshape(palette_mix(logits, colors), [-1, *x.shape[1:3], 3])


def _quarter_gain_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    return unit_gain_normal(random, shape, fan_in) / 4
