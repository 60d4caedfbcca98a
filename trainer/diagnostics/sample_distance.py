"""How far samples are from real clips: a rough figure, cheap enough for every checkpoint."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_PROJECTIONS = 64
_FRAMES, _SIDE = 2, 4  # of the patches that are compared
_LARGEST = 16  # pixels: larger clips are shrunk, so that a patch spans a quarter of a clip


class SampleMeter:
    """Measures the EMA generator against a batch of real clips; always with the same latents."""

    def __init__(self, config: TrainerConfig, state: TrainingState) -> None:
        self._seed = config.run.seed
        self._state = state
        self._traced = tf.function(self._measure, autograph=False)

    def __call__(self, batch: dict[str, tf.Tensor]) -> float:
        """{CLIP: uint8 [B, T, S, S, 3], CATEGORY: [B]} -> `sample_distance` of as many samples of the same classes."""
        return float(self._traced(to_float(batch[CLIP]), batch[CATEGORY]))

    def _measure(self, real_clips: tf.Tensor, categories: tf.Tensor) -> tf.Tensor:
        one_hot = tf.one_hot(categories, self._state.num_categories)
        generator = self._state.ema_generator
        latents = generator.sample_latents(
            RandomStream(self._seed, SAMPLES),
            z_category=one_hot,
            num_frames=real_clips.shape[1],
        )
        return sample_distance(real_clips, generator(latents, training=False))


def sample_distance(real_clips: tf.Tensor, fake_clips: tf.Tensor) -> tf.Tensor:
    """Two batches [B, T, S, S, 3] in [-1, 1] -> scalar >= 0, 0 for equal sets.

    The sliced Wasserstein distance of patches, as in arXiv:1710.10196 (section 5): patches of two neighbouring frames
    are projected on random directions, and the sorted projections compared. It sees looks and motion. With one batch of
    either it is a noisy figure.
    """
    real, fake = _projections(real_clips), _projections(fake_clips)
    return tf.reduce_mean(tf.abs(tf.sort(real, axis=0) - tf.sort(fake, axis=0)))


def _projections(clips: tf.Tensor) -> tf.Tensor:
    """-> [number of patches, directions]."""
    factor = clips.shape[2] // _LARGEST
    if factor > 1:
        clips = tf.nn.avg_pool3d(clips, [1, factor, factor], [1, factor, factor], "VALID")
    shape = [min(_FRAMES, clips.shape[1]), _SIDE, _SIDE, 3, _PROJECTIONS]
    directions = tf.math.l2_normalize(RandomStream(0).normal(shape), axis=[0, 1, 2, 3])
    projected = tf.nn.conv3d(clips, directions, strides=[1] * 5, padding="VALID")
    return tf.reshape(projected, [-1, _PROJECTIONS])
