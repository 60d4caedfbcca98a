"""The latents from which a batch of clips is generated (MoCoGAN, section 3.1)."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from mocogan.trainer.runtime.randomness import RandomStream


class Latents(NamedTuple):
    """Latents of B clips; all float32."""

    z_content: tf.Tensor  # [B, Dc]
    motion_noise: tf.Tensor  # [B, T, De], new for each frame
    first_state: tf.Tensor  # [B, units], h_0 of the GRU
    z_category: tf.Tensor  # [B, K] one-hot; K = 0 without categories


class LatentSampler:
    """Draws N(0, I) latents with the sizes that a generator needs."""

    def __init__(self, *, dim_z_content: int, dim_motion_noise: int, gru_units: int) -> None:
        self._dim_z_content = dim_z_content
        self._dim_motion_noise = dim_motion_noise
        self._gru_units = gru_units

    def __call__(self, random: RandomStream, *, z_category: tf.Tensor, num_frames: int) -> Latents:
        """Draws latents for the categories `z_category` [B, K]."""
        count = tf.shape(z_category)[0]
        return Latents(
            z_content=random.normal([count, self._dim_z_content]),
            motion_noise=random.normal([count, num_frames, self._dim_motion_noise]),
            first_state=random.normal([count, self._gru_units]),
            z_category=z_category,
        )


def repeat_over_frames(z: tf.Tensor, num_frames: int) -> tf.Tensor:
    """[B, D] -> [B, T, D], the same in each frame."""
    return tf.repeat(z[:, tf.newaxis], num_frames, axis=1)
