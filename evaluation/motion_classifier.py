"""Whether clips are of the class that was asked for: a small classifier of motion, trained on real clips.

The share of clips of which a classifier says the class that was asked for is the motion control score of Tulyakov et
al., CVPR 2018, section 4.4.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np

_SIDE = 16  # pixels of the frames that the classifier sees
_EPOCHS = 8
_BATCH_SIZE = 32
_LEARNING_RATE = 3e-3
_PREDICTED_AT_ONCE = 256


class LabelledClips(NamedTuple):
    """Clips and their classes."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    categories: np.ndarray  # [N] int64, 0-based; UNSEEN_CATEGORY for labels that are not trained on


class MotionClassifier:
    """A small network of space-time convolutions, trained on real clips' pixels shrunk to some 16x16."""

    def __init__(self, real: LabelledClips, num_categories: int, seed: int = 0) -> None:
        """Trains it, the same way for the same seed."""
        # Seeds of its own: TensorFlow's global one would change what is drawn elsewhere in the process.
        random = np.random.default_rng(seed)
        first, second, last = (
            keras.initializers.GlorotUniform(int(number))
            for number in random.integers(2**31, size=3)
        )
        pixels = _shrink(real.clips)
        self._network = keras.Sequential(
            [
                keras.Input(pixels.shape[1:]),
                _convolution(16, strides=1, initializer=first),
                _convolution(32, strides=2, initializer=second),
                keras.layers.GlobalAveragePooling3D(),
                keras.layers.Dense(num_categories, kernel_initializer=last),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._network.compile(keras.optimizers.Adam(_LEARNING_RATE), loss)
        for _ in range(_EPOCHS):
            order = random.permutation(len(pixels))
            self._network.fit(
                pixels[order],
                real.categories[order],
                batch_size=_BATCH_SIZE,
                shuffle=False,
                verbose=0,
            )

    def logits(self, clips: np.ndarray) -> np.ndarray:
        """uint8 [N, T, H, W, 3] -> float32 [N, num_categories]."""
        parts = [
            self._network(_shrink(clips[start : start + _PREDICTED_AT_ONCE])).numpy()
            for start in range(0, len(clips), _PREDICTED_AT_ONCE)
        ]
        return np.concatenate(parts)

    def agreement(self, asked: LabelledClips) -> float:
        """The share of clips whose class is the likeliest to it."""
        return float((self.logits(asked.clips).argmax(axis=1) == asked.categories).mean())


def _convolution(
    channels: int, strides: int, initializer: keras.Initializer
) -> keras.layers.Conv3D:
    return keras.layers.Conv3D(
        channels, 3, strides, "same", activation="relu", kernel_initializer=initializer
    )


def _shrink(clips: np.ndarray) -> np.ndarray:
    """uint8 [N, T, H, W, 3] -> float32 [N, T, h, w, 3] in [0, 1], means of squares of pixels."""
    n, t, height, width, c = clips.shape
    by = max(1, min(height, width) // _SIDE)
    cropped = clips[:, :, : height // by * by, : width // by * by]
    squares = cropped.reshape(n, t, height // by, by, width // by, by, c)
    return squares.mean(axis=(3, 5), dtype=np.float32) / 255
