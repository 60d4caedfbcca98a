"""Lets a discriminator judge how colors change over a clip."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import he_normal, unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream


class TemporalConsistency(tf.Module):
    """A logit from how much the amount of each color varies over the frames of a clip.

    Moving objects keep their color and most of their size. Convolutions that see few frames at a time teach this
    slowly. Here, a feature of single pixels, averaged over a frame, measures the amount of a color in the frame. The
    logit depends on the variance of these averages over the clip. It uses the logarithm, because real clips may hardly
    vary.
    """

    _FEATURES = 16
    _MIN_VARIANCE = 1e-5  # about the variance when all pixels change by half of a level of 255

    def __init__(self, random: RandomStream, *, spectral_norm: bool) -> None:
        super().__init__()
        self.pixel_features = Dense(
            random, inputs=3, outputs=self._FEATURES, init=he_normal, spectral_norm=spectral_norm
        )
        self.output = Dense(
            random,
            inputs=self._FEATURES,
            outputs=1,
            init=unit_gain_normal,
            spectral_norm=spectral_norm,
        )

    def __call__(self, clips: tf.Tensor) -> tf.Tensor:
        """[N, T, H, W, 3] -> logits [N, 1], float32."""
        _, num_frames, height, width, channels = clips.shape
        pixels = tf.reshape(tf.cast(clips, tf.float32), [-1, channels])
        features = tf.reshape(
            tf.nn.relu(self.pixel_features(pixels)),
            [-1, num_frames, height * width, self._FEATURES],
        )
        amounts = tf.reduce_mean(features, axis=2)
        variance = tf.math.reduce_variance(amounts, axis=1)
        return self.output(tf.math.log1p(variance / self._MIN_VARIANCE))
