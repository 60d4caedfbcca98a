"""The generators of all architectures: first the motion of a whole clip, then its frames."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.latents import Latents, LatentSampler


class ClipGenerator(tf.Module):
    """Latents -> clips. The two steps are separate, because a clip of any length is drawn in blocks of frames."""

    sample_latents: LatentSampler

    @property
    def class_rows(self) -> dict[str, int]:
        """Name of each variable with a row per class -> number of its first such row. The names are attribute paths."""
        return {}

    def __call__(self, latents: Latents, training: bool, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """-> [B, T, H, W, 3] float32 in [-1, 1]; the convolutions compute in `dtype`."""
        return self.draw(latents, self.z_motion(latents), training, dtype)

    def z_motion(self, latents: Latents) -> tf.Tensor:
        """-> [B, T, Dm] float32. T may be unknown in a graph."""
        raise NotImplementedError

    def draw(
        self, latents: Latents, z_motion: tf.Tensor, training: bool, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        """Draws the frames with the content and the class of `latents`. The motion noise has no effect.

        Args:
            latents: Latents of B clips.
            z_motion: [B, T, Dm] float32 of the frames to draw. T must be known.
            training: Whether batch norm uses the moments of the batch.
            dtype: Type in which the convolutions compute.

        Returns:
            [B, T, H, W, 3] float32 in [-1, 1].
        """
        raise NotImplementedError
