from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.pixels import to_uint8
from mocogan.trainer.log.fixed_samples import FixedSamples
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def state(
    clip_shape: tuple[int, int, int, int], lively: Callable[[TrainingState], TrainingState]
) -> TrainingState:
    return lively(TrainingState(tiny(), clip_shape, 2))


def test_samples_are_sixteen_clips_of_the_average_the_classes_taking_turns(
    state: TrainingState,
) -> None:
    for variable in state.generator.variables:  # not the average
        variable.assign(tf.zeros_like(variable))
    latents = state.generator.sample_latents(
        RandomStream(7, SAMPLES), z_category=tf.one_hot([0, 1] * 8, 2), num_frames=4
    )
    clips = to_uint8(state.ema_generator(latents, training=False)).numpy()
    np.testing.assert_array_equal(FixedSamples(state, seed=7)(), clips)


def test_samples_of_a_training_have_the_same_latents(state: TrainingState) -> None:
    one, same, other = (FixedSamples(state, seed)() for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
