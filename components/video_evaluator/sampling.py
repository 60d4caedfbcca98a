"""Samples clips from an exported model through its serving signature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
# Limits the memory of a call, which holds the activations of all its frames at once.
CLIPS_PER_CALL = 16


class OutputContractError(Exception):
    """The model's signature or clips differ from the contract."""


class ClipModel:
    """A SavedModel that generates clips.

    Its signature `serving_default` maps num_clips int32 [] and seed int64 [] to clips uint8 [num_clips, T, H, W, 3].
    """

    def __init__(self, path: str) -> None:
        """Loads the model. Raises OutputContractError when its signature differs."""
        self._path = path
        self._model = tf.saved_model.load(path)  # the signature alone does not keep its variables
        self._sample = self._model.signatures.get(SIGNATURE)
        if self._sample is None:
            raise OutputContractError(f"the model in {path} has no signature {SIGNATURE!r}")
        inputs = {
            name: spec.dtype for name, spec in self._sample.structured_input_signature[1].items()
        }
        if inputs != {"num_clips": tf.int32, "seed": tf.int64}:
            raise OutputContractError(
                f"the model in {path} must take num_clips int32 and seed int64, but it takes {inputs}"
            )
        if "clips" not in self._sample.structured_outputs:
            raise OutputContractError(
                f"the model in {path} must return 'clips', but it returns "
                f"{sorted(self._sample.structured_outputs)}"
            )

    def sample(self, num_clips: int, clip_shape: tuple[int, ...], seed: int) -> np.ndarray:
        """Samples clips -> uint8 [num_clips, *clip_shape].

        Samples CLIPS_PER_CALL clips per call. Call n uses seed `seed + n`, with n from 0.
        Raises OutputContractError when the shape or the type differs.
        """
        return np.concatenate(list(self._batches(num_clips, clip_shape, seed)))

    def repeats(self, clips: np.ndarray, seed: int) -> bool:
        """Whether `sample` with the same seed returns the first CLIPS_PER_CALL of `clips` again."""
        first = clips[:CLIPS_PER_CALL]
        return np.array_equal(first, self.sample(len(first), first.shape[1:], seed))

    def _batches(
        self, num_clips: int, clip_shape: tuple[int, ...], seed: int
    ) -> Iterator[np.ndarray]:
        for number, start in enumerate(range(0, num_clips, CLIPS_PER_CALL)):
            count = min(CLIPS_PER_CALL, num_clips - start)
            clips = self._sample(
                num_clips=tf.constant(count, tf.int32), seed=tf.constant(seed + number, tf.int64)
            )["clips"].numpy()
            if clips.shape != (count, *clip_shape) or clips.dtype != np.uint8:
                raise OutputContractError(
                    f"the model in {self._path} must return clips {(count, *clip_shape)} uint8, "
                    f"but it returned {clips.shape} {clips.dtype}"
                )
            yield clips
