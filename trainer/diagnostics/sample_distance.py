"""Distance between samples and real clips. It is rough, but cheap enough for each checkpoint."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.input.captions import first_captions
from mocogan.data.pixels import to_uint8
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.evaluation.metrics.patch_distance import patch_distance
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState


class SampleMeter:
    """Compares samples of the EMA generator with a batch of real clips. The latents stay the same."""

    def __init__(self, config: TrainerConfig, state: TrainingState) -> None:
        self._seed = config.run.seed
        self._state = state
        self._traced = tf.function(self._sample, autograph=False)

    def __call__(self, batch: dict[str, tf.Tensor]) -> float:
        """{CLIP: uint8 [B, T, S, S, 3], CATEGORY: [B]} -> distance to B samples of the same classes, in gray levels.

        With TOKENS, the samples have the same captions too. The distance is `evaluation.metrics.patch_distance`. It is
        0 for equal sets.
        """
        samples = self._traced(batch[CATEGORY], first_captions(batch), batch[CLIP].shape[1])
        return patch_distance(batch[CLIP].numpy(), samples.numpy())

    def _sample(
        self, categories: tf.Tensor, tokens: tf.Tensor | None, num_frames: int
    ) -> tf.Tensor:
        """[B], captions [B, words] -> uint8 [B, T, S, S, 3]."""
        one_hot = tf.one_hot(categories, self._state.num_categories)
        generator = self._state.ema_generator
        random = RandomStream(self._seed, SAMPLES)
        latents = generator.sample_latents(random, z_category=one_hot, num_frames=num_frames)
        latents = generator.with_captions(latents, tokens, random)
        return to_uint8(generator(latents, training=False))
