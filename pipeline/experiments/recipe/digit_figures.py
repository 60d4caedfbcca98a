"""How well generated clips show handwritten digits: a classifier of frames, and figures of whole clips.

A digit that turns into another is the fault to find. So a clip must show the same digit in nearly all of its frames.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np

from mocogan.data.progress import progress

_EPOCHS = 5
_BATCH_SIZE = 128
_LEARNING_RATE = 2e-3
_CHANNELS = (16, 32, 64, 96)
_FRAMES_APART = 2  # neighbors hardly differ
_CLASSES = 10
_SURE = 0.9  # mean confidence over a clip
_OTHER_FRAMES = 1  # frames of a clip that may show another digit


class DigitFigures(NamedTuple):
    """Shares of clips."""

    recognized: float  # the mean confidence is above 0.9
    same_digit: float  # all frames but one show the same digit
    as_asked: float | None  # most frames show the requested digit. None without requests
    rarest: float  # of the digit that fewest clips show


class DigitClassifier:
    """Names the digit in a frame."""

    def __init__(self, clips: np.ndarray, labels: np.ndarray, seed: int = 0) -> None:
        """Train on real clips. The same seed gives the same training on the same machine.

        Args:
            clips: Clips of moving digits, [N, T, H, W, 3] uint8.
            labels: Their digits, [N].
            seed: Seed of the initial weights and of the order.
        """
        frames = _frames(clips[:, ::_FRAMES_APART])
        digits = np.repeat(labels.astype(np.int64), len(frames) // len(labels))
        random = np.random.default_rng(seed)
        self._network = _network(frames.shape[1:], random)
        with progress("digit classifier", _EPOCHS, "epochs") as bar:
            for _ in range(_EPOCHS):
                order = random.permutation(len(frames))
                self._network.fit(
                    frames[order],
                    digits[order],
                    batch_size=_BATCH_SIZE,
                    shuffle=False,
                    verbose=0,
                )
                bar.advance(1)

    def probabilities(self, clips: np.ndarray) -> np.ndarray:
        """Return the probability of each digit in each frame: [N, T, H, W, 3] uint8 -> [N, T, 10]."""
        logits = self._network.predict(_frames(clips), batch_size=_BATCH_SIZE, verbose=0)
        exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
        probabilities = exponents / exponents.sum(axis=-1, keepdims=True)
        return probabilities.reshape(*clips.shape[:2], _CLASSES)


def digit_figures(probabilities: np.ndarray, requested: np.ndarray | None) -> DigitFigures:
    """Summarize probabilities of digits.

    Args:
        probabilities: Of each digit in each frame, [N, T, 10].
        requested: Digit that each clip should show, [N]. None: no digit was requested.
    """
    frames = probabilities.shape[1]
    seen = probabilities.argmax(axis=-1)
    counts = np.stack([(seen == digit).sum(axis=1) for digit in range(_CLASSES)], axis=1)
    main = counts.argmax(axis=1)
    return DigitFigures(
        recognized=float((probabilities.max(axis=-1).mean(axis=1) > _SURE).mean()),
        same_digit=float((counts.max(axis=1) >= frames - _OTHER_FRAMES).mean()),
        as_asked=None if requested is None else float((main == requested).mean()),
        rarest=float(np.bincount(main, minlength=_CLASSES).min() / len(main)),
    )


def _network(frame_shape: tuple[int, ...], random: np.random.Generator) -> keras.Sequential:
    def seed() -> int:
        return int(random.integers(2**31))

    layers: list[keras.Layer] = [keras.Input(frame_shape), keras.layers.Rescaling(1 / 255)]
    for channels in _CHANNELS:
        initializer = keras.initializers.HeNormal(seed())
        layers += [
            keras.layers.Conv2D(
                channels, 3, padding="same", activation="relu", kernel_initializer=initializer
            ),
            keras.layers.MaxPooling2D(),
        ]
    initializer = keras.initializers.GlorotUniform(seed())
    layers += [
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(_CLASSES, kernel_initializer=initializer),
    ]
    network = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(_LEARNING_RATE), loss)
    return network


def _frames(clips: np.ndarray) -> np.ndarray:
    """[N, T, H, W, 3] uint8 -> [N T, H, W, 1] float32 gray."""
    return clips.mean(axis=-1, keepdims=True, dtype=np.float32).reshape(-1, *clips.shape[2:4], 1)
