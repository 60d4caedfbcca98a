"""What a model of shape motion does of what it is asked: the wanted class, the same content, the same motion.

The share of clips of which a classifier says the class that was asked for is the motion control score of Tulyakov et
al., CVPR 2018, section 4.4.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from benchmarks.shape_data import LabelledClips
from benchmarks.shape_finder import FoundShapes
from trainer.export import ANY_CATEGORY, SAMPLE_CATEGORY, SAMPLE_CONTROLLED

_SIDE = 16  # pixels of the frames that the classifier sees
_EPOCHS = 8
_BATCH_SIZE = 32
_LEARNING_RATE = 3e-3
_PREDICTED_AT_ONCE = 256


class Kept(NamedTuple):
    """How much of its content or motion a shape keeps when the other is drawn anew: 1 all, 0 no more than strangers.

    None where no triple of clips can be measured.
    """

    content_kept: float | None  # of its mean colour
    size_kept: float | None  # of its median area
    form_kept: float | None  # of its median fill, which tells squares from discs
    motion_kept: float | None  # of its path
    triples: int  # measured


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


def sample_of_classes(model: Any, num_categories: int, num_clips: int, seed: int) -> LabelledClips:
    """`num_clips` of each class, of an exported model (`tf.saved_model.load`); other seeds for other classes."""
    clips = [
        _call(model, SAMPLE_CATEGORY, num_clips, seed=seed + category, category=category)
        for category in range(num_categories)
    ]
    return LabelledClips(np.concatenate(clips), np.repeat(np.arange(num_categories), num_clips))


def sample_triples(
    model: Any, num_categories: int, num_clips: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of an exported model: clips, clips of the same content, clips of the same motion; all uint8 [N, T, H, W, 3].

    `num_clips` of each class, or of any class where there are none: the class is the same within a triple, for it is
    not what is compared.
    """
    first: list[np.ndarray] = []
    other_motion: list[np.ndarray] = []
    other_content: list[np.ndarray] = []
    for category in range(num_categories) or (ANY_CATEGORY,):
        one, other = seed + 2 * category, seed + 2 * category + 1
        for clips, content, motion in (
            (first, one, one),
            (other_motion, one, other),
            (other_content, other, one),
        ):
            seeds = {"content_seed": content, "motion_seed": motion, "category": category}
            clips.append(_call(model, SAMPLE_CONTROLLED, num_clips, **seeds))
    return np.concatenate(first), np.concatenate(other_motion), np.concatenate(other_content)


def kept(clips: FoundShapes, other_motion: FoundShapes, other_content: FoundShapes) -> Kept:
    """What is kept between clip n of `clips` and of `other_motion`, with its content, or `other_content`, its motion.

    1 - d/D: d is the mean distance between clips that share the content (for `motion_kept`: the motion), D between
    those of the same triples that do not. Distances: L2 of the mean colours (0-255), differences of median area and of
    median fill, mean L2 of the centres over the frames in which both have a shape. A triple counts when a shape was
    found in at least half of the frames of each of its clips.
    """
    triple = [clips, other_motion, other_content]
    enough = [shapes.found.mean(axis=1) >= 0.5 for shapes in triple]
    paths = [_path_distance(clips, other) for other in (other_content, other_motion)]
    usable = np.all([*enough, *np.isfinite(paths)], axis=0)
    if not usable.any():
        return Kept(None, None, None, None, 0)
    first, moved, recast = (
        _contents(FoundShapes(*(values[usable] for values in shapes))) for shapes in triple
    )
    colour, size, form = (
        _share_kept(np.linalg.norm(a - b, axis=1), np.linalg.norm(a - c, axis=1))
        for a, b, c in zip(first, moved, recast, strict=True)
    )
    motion = _share_kept(*(path[usable] for path in paths))
    return Kept(colour, size, form, motion, triples=int(usable.sum()))


def _convolution(
    channels: int, strides: int, initializer: keras.Initializer
) -> keras.layers.Conv3D:
    return keras.layers.Conv3D(
        channels, 3, strides, "same", activation="relu", kernel_initializer=initializer
    )


def _share_kept(same: np.ndarray, strangers: np.ndarray) -> float | None:
    """None when even strangers do not differ."""
    return 1 - float(same.mean() / strangers.mean()) if strangers.any() else None


def _contents(shapes: FoundShapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each clip's mean colour [N, 3], median area [N, 1] and median fill [N, 1]."""
    seen = np.where(shapes.found, 1.0, np.nan)
    return (
        np.nanmean(shapes.colour * seen[..., None], axis=1),
        np.nanmedian(shapes.area * seen, axis=1)[:, None],
        np.nanmedian(shapes.fill * seen, axis=1)[:, None],
    )


def _path_distance(one: FoundShapes, other: FoundShapes) -> np.ndarray:
    """[N] mean distance of the centres in pixels, over frames in which both are found; NaN where there is none."""
    both = one.found & other.found
    distances = np.linalg.norm(one.centre - other.centre, axis=-1) * both
    return np.where(both.any(axis=1), distances.sum(axis=1), np.nan) / np.maximum(
        both.sum(axis=1), 1
    )


def _call(model: Any, signature: str, num_clips: int, **seeds: int) -> np.ndarray:
    arguments = {name: tf.constant(seed, tf.int64) for name, seed in seeds.items()}
    clips = model.signatures[signature](num_clips=tf.constant(num_clips), **arguments)["clips"]
    return np.asarray(clips)


def _shrink(clips: np.ndarray) -> np.ndarray:
    """uint8 [N, T, H, W, 3] -> float32 [N, T, h, w, 3] in [0, 1], means of squares of pixels."""
    n, t, height, width, c = clips.shape
    by = max(1, min(height, width) // _SIDE)
    cropped = clips[:, :, : height // by * by, : width // by * by]
    squares = cropped.reshape(n, t, height // by, by, width // by, by, c)
    return squares.mean(axis=(3, 5), dtype=np.float32) / 255
