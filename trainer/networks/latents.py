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
    z_caption: tf.Tensor  # [B, Dt], drawn for a caption; Dt = 0 without captions

    @property
    def num_frames(self) -> int | tf.Tensor:
        """T, a tensor if the graph is made for any T."""
        known: int | None = self.motion_noise.shape[1]
        return tf.shape(self.motion_noise)[1] if known is None else known

    @property
    def condition(self) -> tf.Tensor:
        """What a clip should show: its class and its caption, [B, K + Dt]."""
        if not self.z_caption.shape[1]:
            return self.z_category
        return tf.concat([self.z_category, self.z_caption], axis=-1)


class LatentSampler:
    """Draws N(0, I) latents with the sizes that a generator needs."""

    def __init__(self, *, dim_z_content: int, dim_motion_noise: int, gru_units: int) -> None:
        self.dim_z_content = dim_z_content
        self.dim_motion_noise = dim_motion_noise
        self.gru_units = gru_units

    def __call__(
        self, random: RandomStream, *, z_category: tf.Tensor, num_frames: int | tf.Tensor
    ) -> Latents:
        """Draws latents for the categories `z_category` [B, K], without captions.

        For one clip, the noise of the first frames is the same for any `num_frames`.
        """
        count = tf.shape(z_category)[0]
        return Latents(
            z_content=random.normal([count, self.dim_z_content]),
            motion_noise=random.normal([count, num_frames, self.dim_motion_noise]),
            first_state=random.normal([count, self.gru_units]),
            z_category=z_category,
            z_caption=tf.zeros([count, 0]),
        )


def repeat_over_frames(z: tf.Tensor, num_frames: int | tf.Tensor) -> tf.Tensor:
    """[B, D] -> [B, T, D], the same in each frame."""
    return tf.repeat(z[:, tf.newaxis], num_frames, axis=1)


def noise_and_condition(latents: Latents) -> tf.Tensor:
    """-> [B, T, De + K + Dt], the input of a motion generator."""
    condition = repeat_over_frames(latents.condition, latents.num_frames)
    return tf.concat([latents.motion_noise, condition], axis=-1)
