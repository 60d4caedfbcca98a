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
    """Clips of the EMA generator. The classes alternate. The captions are those of the first clips of the training."""

    def __init__(self, state: TrainingState, seed: int) -> None:
        self._state, self._seed = state, seed
        num_categories = state.num_categories
        one_hot = tf.one_hot(tf.range(NUM_CLIPS) % max(num_categories, 1), num_categories)
        self._latents = state.generator.sample_latents(
            RandomStream(seed, SAMPLES), z_category=one_hot, num_frames=state.clip_shape[0]
        )
        self._clips = tf.function(self._make_clips, autograph=False)

    def __call__(self) -> np.ndarray:
        """Return [NUM_CLIPS, T, H, W, 3] uint8."""
        captions = self._state.caption_tokens
        tokens = None if captions is None else captions[:NUM_CLIPS]
        return self._clips(self._latents, tokens).numpy()

    def _make_clips(self, latents: Latents, tokens: tf.Tensor | None) -> tf.Tensor:
        generator = self._state.ema_generator
        random = RandomStream(self._seed, SAMPLES, 1)
        latents = generator.with_captions(latents, tokens, random)
        return to_uint8(generator(latents, training=False))
