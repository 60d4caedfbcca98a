"""Clip distance between samples and real clips. It sees form and motion, but no color."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.evaluation.distances.sliced import mind
from mocogan.evaluation.features.hog3d import hog3d
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.errors import DataUnreadable, first_line
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

NUM_CLIPS = 64
_CHUNK = 8  # clips generated at once; limits the memory for activations


class _RealClips(NamedTuple):
    features: np.ndarray  # [N, D] float32
    categories: np.ndarray  # [N] int64


class ClipDistanceMeter:
    """Compares samples of the EMA generator with the first NUM_CLIPS clips in the order of the training.

    Clips and latents stay the same, so all values of a training can be compared, also after it has resumed. The real
    clips are read at the first call.
    """

    def __init__(
        self,
        config: TrainerConfig,
        state: TrainingState,
        batches_from: Callable[[int], Iterable[dict[str, tf.Tensor]]],
    ) -> None:
        """`batches_from` is the argument of `train`."""
        self._seed = config.run.seed
        self._state, self._batches_from = state, batches_from
        self._sample = tf.function(self._sample_chunk, autograph=False)

    def __call__(self) -> float:
        """Return the MIND of HOG3D features, >= 0. The samples have the classes of the real clips.

        Raises DataUnreadable if the real clips cannot be read.
        """
        real = self._real_clips
        features = []
        for first in range(0, len(real.categories), _CHUNK):
            categories = tf.constant(real.categories[first : first + _CHUNK])
            features.append(hog3d(self._sample(categories, tf.constant(first)).numpy()))
        return mind(real.features, np.concatenate(features))

    @functools.cached_property
    def _real_clips(self) -> _RealClips:
        batches: list[dict[str, tf.Tensor]] = []
        try:
            for batch in self._batches_from(0):
                batches.append(batch)
                if sum(len(batch[CATEGORY]) for batch in batches) >= NUM_CLIPS:
                    break
        except tf.errors.OpError as error:
            raise DataUnreadable(f"cannot read the training data: {first_line(error)}") from error
        clips, categories = (
            np.concatenate([batch[name].numpy() for batch in batches])[:NUM_CLIPS]
            for name in (CLIP, CATEGORY)
        )
        return _RealClips(hog3d(clips), categories)

    def _sample_chunk(self, categories: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
        """Classes [B] of the samples from number `first` on -> uint8 [B, T, S, S, 3]."""
        generator = self._state.ema_generator
        latents = generator.sample_latents(
            RandomStream(self._seed, SAMPLES, first),
            z_category=tf.one_hot(categories, self._state.num_categories),
            num_frames=self._state.clip_shape[0],
        )
        return to_uint8(generator(latents, training=False))
