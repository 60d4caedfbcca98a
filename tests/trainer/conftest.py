"""Tiny networks and one batch of tiny clips."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState

NUM_CLIPS, NUM_FRAMES, SIZE = 4, 4, 8


@pytest.fixture(scope="session")
def clip_shape() -> tuple[int, int, int, int]:
    return NUM_FRAMES, SIZE, SIZE, 3


@pytest.fixture(scope="session")
def batch(clip_shape: tuple[int, int, int, int]) -> dict[str, tf.Tensor]:
    """What the input pipeline gives: uint8 clips, of classes 0 and 1."""
    pixels = np.random.default_rng(0).integers(256, size=(NUM_CLIPS, *clip_shape))
    return {
        CLIP: tf.constant(pixels, tf.uint8),
        CATEGORY: tf.constant([0, 1, 1, 1], tf.int64),
    }


@pytest.fixture
def full_disk() -> Callable[[], AbstractContextManager[None]]:
    """A context in which no file can grow beyond 64 KiB, as on a disk that is full."""

    @contextmanager
    def limit() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture(scope="session")
def lively() -> Callable[[TrainingState], TrainingState]:
    """Makes the generators of a state draw different, moving, colorful clips, as trained ones would."""

    def enliven(state: TrainingState) -> TrainingState:
        for generator in (state.generator, state.ema_generator):
            generator.frames.project.kernel.assign(50.0 * generator.frames.project.kernel)
            for upsampling in generator.frames.upsamplings:
                upsampling.kernel.assign(20.0 * upsampling.kernel)
        return state

    return enliven


@pytest.fixture(scope="session")
def drawn() -> Callable[..., dict[str, tf.Tensor]]:
    """A batch that a state's generator draws from the latents of a seed."""

    def draw(state: TrainingState, *seed: int, count: int = 8) -> dict[str, tf.Tensor]:
        num_categories = state.num_categories
        categories = tf.range(count, dtype=tf.int64) % max(num_categories, 1)
        latents = state.generator.sample_latents(
            RandomStream(*seed),
            z_category=tf.one_hot(categories, num_categories),
            num_frames=state.clip_shape[0],
        )
        clips = to_uint8(state.ema_generator(latents, training=False))
        return {CLIP: clips, CATEGORY: categories}

    return draw
