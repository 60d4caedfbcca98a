"""What a discriminator sees of colors that do not last."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import he_normal, unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream


class TemporalConsistency(tf.Module):
    """A logit from how much a clip's frames differ in what they hold of each color, wherever in the frame it lies.

    Things that move keep their color and much of their size, which convolutions that see few frames at a time are slow
    to teach. A feature of single pixels, averaged over a frame, measures how much of some color there is. The logit is
    a function of the variance of these averages over the clip, in logarithms, since real clips may hardly vary.
    """

    _FEATURES = 16
    _MIN_VARIANCE = 1e-5  # about that of a change of all pixels by half a level of 255

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
