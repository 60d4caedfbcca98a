"""Motion control score: share of generated clips that show the requested class.

A small motion classifier is trained on real clips. The score is its accuracy on generated clips (Tulyakov et al., CVPR
2018, section 4.4). Report it together with the accuracy on held-out real clips.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np

from mocogan.evaluation.downsampling import downsample

_EPOCHS = 8
_BATCH_SIZE = 32
_LEARNING_RATE = 3e-3
_PREDICTED_AT_ONCE = 256


class LabeledClips(NamedTuple):
    """Clips and their classes."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    categories: np.ndarray  # [N] int64, 0-based; UNSEEN_CATEGORY for labels without training clips


class MotionClassifier:
    """A small network of 3D convolutions that classifies downsampled clips."""

    def __init__(self, real: LabeledClips, num_categories: int, seed: int = 0) -> None:
        """Train the classifier on real clips. The same seed gives the same training.

        Args:
            real: Real clips [N, T, H, W, 3] uint8 with their classes [N] int64, 0-based.
            num_categories: Number of classes.
            seed: Seed of the initial weights and of the order of the clips.
        """
        # Local seeds leave TensorFlow's global random state unchanged.
        random = np.random.default_rng(seed)
        first, second, last = (
            keras.initializers.GlorotUniform(int(number))
            for number in random.integers(2**31, size=3)
        )
        pixels = _inputs(real.clips)
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
        """Return class logits: [N, T, H, W, 3] uint8 -> [N, num_categories] float32.

        Args:
            clips: Clips to classify, [N, T, H, W, 3] uint8.

        Returns:
            Logits, [N, num_categories] float32.
        """
        parts = [
            self._network(_inputs(clips[start : start + _PREDICTED_AT_ONCE])).numpy()
            for start in range(0, len(clips), _PREDICTED_AT_ONCE)
        ]
        return np.concatenate(parts)

    def accuracy(self, labeled: LabeledClips) -> float:
        """Return the share of clips whose class has the largest logit, in [0, 1].

        For generated clips with their requested classes, it is the motion control score.

        Args:
            labeled: Clips [N, T, H, W, 3] uint8 with their classes [N] int64.

        Returns:
            Accuracy in [0, 1].
        """
        return float((self.logits(labeled.clips).argmax(axis=1) == labeled.categories).mean())


def _convolution(
    channels: int, strides: int, initializer: keras.Initializer
) -> keras.layers.Conv3D:
    return keras.layers.Conv3D(
        channels, 3, strides, "same", activation="relu", kernel_initializer=initializer
    )


def _inputs(clips: np.ndarray) -> np.ndarray:
    """uint8 [N, T, H, W, 3] -> float32 [N, T, h, w, 3] in [0, 1]."""
    return downsample(clips) / np.float32(255)
