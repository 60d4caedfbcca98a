"""Tiny SavedModels of the exported model's contract: squares that move, stand still, or misbehave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

NUM_FRAMES, SIZE = 4, 16


class Squares(tf.Module):
    """Colored 4x4 squares on black at random places, moving `speed` pixels a frame to the right."""

    def __init__(self, speed: int = 2, num_frames: int = NUM_FRAMES) -> None:
        super().__init__()
        self.speed = tf.Variable(speed)  # A variable, so that loading has one to lose.
        self.num_frames = num_frames

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.int32, "num_clips"),
            tf.TensorSpec([], tf.int64, "seed"),
        ]
    )
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"clips": self.draw(num_clips, tf.stack([seed, tf.constant(0, tf.int64)]))}

    def draw(self, num_clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        shape = tf.stack([num_clips, 1, 1, 1, 5])
        random = tf.random.stateless_uniform(shape, seed)
        frame = tf.reshape(tf.range(self.num_frames), [1, -1, 1, 1])
        left = tf.cast(random[..., 0] * 8, tf.int32) + frame * self.speed
        top = tf.cast(random[..., 1] * 12, tf.int32)
        x = tf.reshape(tf.range(SIZE), [1, 1, 1, -1])
        y = tf.reshape(tf.range(SIZE), [1, 1, -1, 1])
        inside = (x >= left) & (x < left + 4) & (y >= top) & (y < top + 4)
        return tf.cast(inside[..., tf.newaxis], tf.uint8) * tf.cast(
            64 + random[..., 2:] * 191, tf.uint8
        )


class Collapsed(Squares):
    """Always the same moving square."""

    def draw(self, num_clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        del seed
        one = super().draw(tf.constant(1), tf.constant([0, 0], tf.int64))
        return tf.repeat(one, num_clips, axis=0)


class Gray(Squares):
    """One gray level everywhere."""

    def draw(self, num_clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        return tf.zeros_like(super().draw(num_clips, seed)) + tf.constant(128, tf.uint8)


class Forgetful(Squares):
    """Other clips at every call, whatever the seed."""

    def draw(self, num_clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        del seed
        return super().draw(num_clips, tf.random.uniform([2], 0, 1 << 30, tf.int64))


class Floats(Squares):
    """Clips as float32 where uint8 is promised."""

    def draw(self, num_clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        return tf.cast(super().draw(num_clips, seed), tf.float32)


class Foreign(tf.Module):
    """A model of another signature."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def sample(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": x + 1.0}


MODELS: dict[str, Callable[[], tf.Module]] = {
    "squares": Squares,
    "fast": lambda: Squares(speed=4),
    "still": lambda: Squares(speed=0),
    "longer": lambda: Squares(num_frames=NUM_FRAMES + 1),
    "collapsed": Collapsed,
    "gray": Gray,
    "forgetful": Forgetful,
    "floats": Floats,
    "foreign": Foreign,
}


@pytest.fixture
def real_clips() -> Callable[..., np.ndarray]:
    """(num_clips, speed=2) -> uint8 [num_clips, 4, 16, 16, 3] squares, which no model here draws."""

    def draw(num_clips: int, speed: int = 2) -> np.ndarray:
        seed = tf.constant([1_000_000, 1], tf.int64)
        return Squares(speed).draw(tf.constant(num_clips), seed).numpy()

    return draw


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name -> folder of the SavedModel: each of MODELS, and `unsigned`, which has no signature."""
    folder = tmp_path_factory.mktemp("models")
    for name, make in MODELS.items():
        module = make()
        tf.saved_model.save(module, str(folder / name), {"serving_default": module.sample})
    tf.saved_model.save(tf.Module(), str(folder / "unsigned"))
    return {path.name: str(path) for path in folder.iterdir()}
