"""Tiny SavedModels of the exported model's contract: squares that move, stand still, or misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from mocogan.trainer.contract import ANY_CATEGORY, SAMPLE_CATEGORY, SAMPLE_CONTROLLED

NUM_FRAMES, SIZE = 4, 16
LABELS = ("down", "right")  # the directions, in the order of their class ids

_NUM_CLIPS = tf.TensorSpec([], tf.int32, "num_clips")
_SEED, _CONTENT_SEED, _MOTION_SEED, _CATEGORY = (
    tf.TensorSpec([], tf.int64, name)
    for name in ("seed", "content_seed", "motion_seed", "category")
)
Clips = dict[str, tf.Tensor]


class Squares(tf.Module):
    """Colored 4x4 squares on black at random places, moving `speed` pixels a frame down or to the right.

    The content seed decides the color, the motion seed the place. The direction is the class.
    """

    def __init__(self, speed: int = 2, num_frames: int = NUM_FRAMES) -> None:
        super().__init__()
        self.speed = tf.Variable(speed)  # a variable, so that loading has one to lose
        self.num_frames = num_frames

    @tf.function(input_signature=[_NUM_CLIPS, _SEED])
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> Clips:
        return {"clips": self.draw(num_clips, seed, seed, tf.constant(ANY_CATEGORY, tf.int64))}

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY])
    def sample_category(self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor) -> Clips:
        return {"clips": self.draw(num_clips, seed, seed, category)}

    @tf.function(input_signature=[_NUM_CLIPS, _CONTENT_SEED, _MOTION_SEED, _CATEGORY])
    def sample_controlled(
        self,
        num_clips: tf.Tensor,
        content_seed: tf.Tensor,
        motion_seed: tf.Tensor,
        category: tf.Tensor,
    ) -> Clips:
        return {"clips": self.draw(num_clips, content_seed, motion_seed, category)}

    def draw(
        self, num_clips: tf.Tensor, content: tf.Tensor, motion: tf.Tensor, category: tf.Tensor
    ) -> tf.Tensor:
        colors = 64 + 191 * tf.random.stateless_uniform([num_clips, 3], [content, 0])
        along, across, direction = tf.unstack(
            tf.random.stateless_uniform([num_clips, 3, 1], [motion, 1]), axis=1
        )
        drawn = tf.cast(direction * len(LABELS), tf.int64)
        is_right = tf.where(category == ANY_CATEGORY, drawn, category) == LABELS.index("right")
        start = tf.cast(along * 6, tf.int32) + tf.range(self.num_frames) * self.speed
        still = tf.broadcast_to(tf.cast(across * 12, tf.int32), tf.shape(start))
        left, top = tf.where(is_right, start, still), tf.where(is_right, still, start)
        columns, rows = (
            (tf.range(SIZE) >= first[..., None]) & (tf.range(SIZE) < first[..., None] + 4)
            for first in (left, top)
        )
        inside = rows[..., :, None] & columns[..., None, :]
        return tf.cast(tf.where(inside[..., None], colors[:, None, None, None], 0), tf.uint8)


class Collapsed(Squares):
    """Always the same moving square."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        zero = tf.constant(0, tf.int64)
        return tf.repeat(super().draw(tf.constant(1), zero, zero, zero), num_clips, axis=0)


class Deaf(Squares):
    """Different clips, but the same ones for every seed."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        zero = tf.constant(0, tf.int64)
        return super().draw(num_clips, zero, zero, seeds[-1])


class Forgetful(Squares):
    """Other clips at every call, whatever the seed."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        seed = tf.random.uniform([], 0, 1 << 30, tf.int64)
        return super().draw(num_clips, seed, seed, seeds[-1])


class Black(Squares):
    """Nothing but black."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        return tf.zeros_like(super().draw(num_clips, *seeds))


class Noise(Squares):
    """Independent random pixels."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(super().draw(num_clips, *seeds))
        pixels = tf.random.stateless_uniform(shape, [seeds[0], 2], 0, 256, tf.int32)
        return tf.cast(pixels, tf.uint8)


class Gray(Squares):
    """Squares without colors."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        return tf.repeat(super().draw(num_clips, *seeds)[..., :1], 3, axis=-1)


class Floats(Squares):
    """Clips as float32 where uint8 is promised."""

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        return tf.cast(super().draw(num_clips, *seeds), tf.float32)


class Copies(Squares):
    """Given clips, from another one on for each seed."""

    def __init__(self, clips: np.ndarray) -> None:
        super().__init__()
        self.clips = tf.constant(clips)

    def draw(self, num_clips: tf.Tensor, *seeds: tf.Tensor) -> tf.Tensor:
        first = tf.cast(seeds[0] * 7, tf.int32)
        return tf.gather(self.clips, (first + tf.range(num_clips)) % len(self.clips))


class AnyClass(Squares):
    """Random directions, whatever class is requested."""

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY])
    def sample_category(self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor) -> Clips:
        return self.sample(num_clips, seed)


class WithoutClasses(Squares):
    """Refuses every class."""

    @tf.function(input_signature=[_NUM_CLIPS, _SEED, _CATEGORY])
    def sample_category(self, num_clips: tf.Tensor, seed: tf.Tensor, category: tf.Tensor) -> Clips:
        tf.debugging.Assert(category == ANY_CATEGORY, ["no such class:", category])
        return self.sample(num_clips, seed)


class Foreign(tf.Module):
    """A model of another signature."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def sample(self, x: tf.Tensor) -> Clips:
        return {"y": x + 1.0}


class Videos(Squares):
    """Its clips have another name."""

    @tf.function(input_signature=[_NUM_CLIPS, _SEED])
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> Clips:
        return {"videos": super().sample(num_clips, seed)["clips"]}


MODELS: dict[str, Callable[[], tf.Module]] = {
    "squares": Squares,
    "fast": lambda: Squares(speed=3),
    "still": lambda: Squares(speed=0),
    "longer": lambda: Squares(num_frames=NUM_FRAMES + 1),
    "collapsed": Collapsed,
    "deaf": Deaf,
    "forgetful": Forgetful,
    "black": Black,
    "noise": Noise,
    "gray": Gray,
    "floats": Floats,
    "foreign": Foreign,
    "videos": Videos,
}


def save_models(folder: Path, names: Iterable[str] = MODELS) -> dict[str, str]:
    """Saves some of MODELS below `folder`. Returns name -> folder of the SavedModel."""
    for name in names:
        save_model(MODELS[name](), folder / name)
    return {name: str(folder / name) for name in names}


def save_model(module: tf.Module, folder: Path) -> None:
    """Saves a model with the signature that every model has."""
    tf.saved_model.save(module, str(folder), {"serving_default": module.sample})


def save_controlled(module: Squares, folder: Path) -> None:
    """Saves a model with all signatures."""
    signatures = {
        "serving_default": module.sample,
        SAMPLE_CATEGORY: module.sample_category,
        SAMPLE_CONTROLLED: module.sample_controlled,
    }
    tf.saved_model.save(module, str(folder), signatures)


def draw_squares(count: int, seed: int, category: int = ANY_CATEGORY) -> np.ndarray:
    """The clips of `Squares` for a seed, uint8 [count, 4, 16, 16, 3]."""
    number = tf.constant(seed, tf.int64)
    kind = tf.constant(category, tf.int64)
    return Squares().draw(tf.constant(count), number, number, kind).numpy()


def real_squares(num_clips: int) -> np.ndarray:
    """uint8 [num_clips, 4, 16, 16, 3] squares, which no model here draws."""
    return draw_squares(num_clips, 1_000_000)
