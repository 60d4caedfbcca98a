"""Samples of the same latents, which show how a training goes."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

NUM_CLIPS = 16


class FixedSamples:
    """Clips of the EMA generator. The classes alternate."""

    def __init__(self, state: TrainingState, seed: int) -> None:
        self._state = state
        num_categories = state.num_categories
        one_hot = tf.one_hot(tf.range(NUM_CLIPS) % max(num_categories, 1), num_categories)
        self._latents = state.generator.sample_latents(
            RandomStream(seed, SAMPLES), z_category=one_hot, num_frames=state.clip_shape[0]
        )
        self._clips = tf.function(self._make_clips, autograph=False)

    def __call__(self) -> np.ndarray:
        """Return [NUM_CLIPS, T, H, W, 3] uint8."""
        return self._clips(self._latents).numpy()

    def _make_clips(self, latents: Latents) -> tf.Tensor:
        return to_uint8(self._state.ema_generator(latents, training=False))
