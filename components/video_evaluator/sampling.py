"""Samples clips from an exported model through its signature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
# A large sample in one call would hold the activations of all its frames at once.
CLIPS_PER_CALL = 16


class OutputContractError(Exception):
    """The model's signature or clips differ from the contract."""


class ClipModel:
    """A SavedModel whose signature `serving_default` maps num_clips int32 [] and seed int64 [] to
    clips uint8 [num_clips, T, H, W, 3].
    """

    def __init__(self, path: str) -> None:
        """Loads it. Raises OutputContractError when the signature is another."""
        self._path = path
        self._model = tf.saved_model.load(path)  # Its signature does not keep its variables alive.
        self._sample = self._model.signatures.get(SIGNATURE)
        if self._sample is None:
            raise OutputContractError(f"{path} has no signature {SIGNATURE!r}")
        inputs = {
            name: spec.dtype for name, spec in self._sample.structured_input_signature[1].items()
        }
        if inputs != {"num_clips": tf.int32, "seed": tf.int64}:
            raise OutputContractError(
                f"{path} must take num_clips int32 and seed int64, takes {inputs}"
            )
        if "clips" not in self._sample.structured_outputs:
            raise OutputContractError(
                f"{path} must give 'clips', gives {sorted(self._sample.structured_outputs)}"
            )

    def sample(self, num_clips: int, clip_shape: tuple[int, ...], seed: int) -> np.ndarray:
        """-> uint8 [num_clips, *clip_shape]; the n-th call for CLIPS_PER_CALL has seed `seed + n`.

        Raises OutputContractError when shape or type differ.
        """
        return np.concatenate(list(self._batches(num_clips, clip_shape, seed)))

    def repeats(self, clips: np.ndarray, seed: int) -> bool:
        """Whether the first call of `clips`, as `sample` gave them, gives the same again."""
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
                    f"{self._path} must give clips {(count, *clip_shape)} uint8, "
                    f"gave {clips.shape} {clips.dtype}"
                )
            yield clips
