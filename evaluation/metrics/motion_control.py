"""Motion control score: share of generated clips that show the requested class.

A small motion classifier is trained on real clips. The score is its accuracy on generated clips (Tulyakov et al., CVPR
2018, section 4.4). Report it together with the accuracy on held-out real clips, which is what a perfect model gets.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np

from mocogan.data.progress import progress
from mocogan.data.records.keys import UNSEEN_CATEGORY
from mocogan.evaluation.downsampling import downsample

_EPOCHS = 8
_BATCH_SIZE = 32
_LEARNING_RATE = 3e-3
_PREDICTED_AT_ONCE = 256


class LabeledClips(NamedTuple):
    """Clips and their classes."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    categories: np.ndarray  # [N] int64, 0-based; UNSEEN_CATEGORY for labels without training clips


class MotionControl(NamedTuple):
    """The motion control score and what it is compared with."""

    score: float  # share of generated clips with the requested class, in [0, 1]
    # Share of held-out real clips with their class, in [0, 1]. None without such clips.
    real_accuracy: float | None
    chance: float  # score of a model that always makes the most requested class, 1 / K for equally many requests
    # [K, K] int64, generated clips by requested class (row) and seen class (column).
    confusion: np.ndarray
    # [K, K] int64, held-out real clips by their class (row) and seen class (column).
    real_confusion: np.ndarray

    @property
    def num_clips(self) -> int:
        """Number of generated clips."""
        return int(self.confusion.sum())

    @property
    def num_real_clips(self) -> int:
        """Number of held-out real clips."""
        return int(self.real_confusion.sum())


def motion_control(
    training: LabeledClips,
    held_out: LabeledClips,
    generated: LabeledClips,
    num_categories: int,
    seed: int = 0,
) -> MotionControl:
    """Train a motion classifier on real clips and count the classes that it sees in others.

    Clips of UNSEEN_CATEGORY are left out.

    Args:
        training: Real clips for the classifier.
        held_out: Other real clips. They can be none.
        generated: Generated clips with the classes that were requested.
        num_categories: Number of classes, K.
        seed: Seed of the classifier's training.

    Returns:
        The score, the classifier's accuracy on real clips, and both confusion matrices.

    Raises:
        ValueError: There are no training clips, or no generated clips, with a class.
    """
    training, held_out, generated = map(_with_class, (training, held_out, generated))
    for name, labeled in (("training", training), ("generated", generated)):
        if not len(labeled.clips):
            raise ValueError(f"the motion control score needs {name} clips with a class, got none")
    classifier = MotionClassifier(training, num_categories, seed)
    confusion, real_confusion = classifier.confusion(generated), classifier.confusion(held_out)
    return MotionControl(
        score=_accuracy(confusion),
        real_accuracy=_accuracy(real_confusion) if len(held_out.clips) else None,
        chance=float(confusion.sum(axis=1).max() / confusion.sum()),
        confusion=confusion,
        real_confusion=real_confusion,
    )


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
        self._num_categories = num_categories
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
        with progress("motion classifier", _EPOCHS, "epochs") as bar:
            for _ in range(_EPOCHS):
                order = random.permutation(len(pixels))
                self._network.fit(
                    pixels[order],
                    real.categories[order],
                    batch_size=_BATCH_SIZE,
                    shuffle=False,
                    verbose=0,
                )
                bar.advance(1)

    def logits(self, clips: np.ndarray) -> np.ndarray:
        """Return class logits.

        Args:
            clips: Clips to classify, [N, T, H, W, 3] uint8.

        Returns:
            Logits, [N, num_categories] float32.
        """
        parts = [
            self._network(_inputs(clips[start : start + _PREDICTED_AT_ONCE])).numpy()
            for start in range(0, len(clips), _PREDICTED_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self._num_categories), np.float32)

    def confusion(self, labeled: LabeledClips) -> np.ndarray:
        """Count clips by their class (row) and by the class with the largest logit (column).

        Args:
            labeled: Clips [N, T, H, W, 3] uint8 with their classes [N] int64.

        Returns:
            [num_categories, num_categories] int64.
        """
        counts = np.zeros((self._num_categories, self._num_categories), np.int64)
        seen = self.logits(labeled.clips).argmax(axis=1)
        np.add.at(counts, (labeled.categories, seen), 1)
        return counts


def _with_class(labeled: LabeledClips) -> LabeledClips:
    known = labeled.categories != UNSEEN_CATEGORY
    return labeled if known.all() else LabeledClips(labeled.clips[known], labeled.categories[known])


def _accuracy(confusion: np.ndarray) -> float:
    return float(np.trace(confusion) / confusion.sum())


def _convolution(
    channels: int, strides: int, initializer: keras.Initializer
) -> keras.layers.Conv3D:
    return keras.layers.Conv3D(
        channels, 3, strides, "same", activation="relu", kernel_initializer=initializer
    )


def _inputs(clips: np.ndarray) -> np.ndarray:
    """uint8 [N, T, H, W, 3] -> float32 [N, T, h, w, 3] in [0, 1]."""
    return downsample(clips) / np.float32(255)
