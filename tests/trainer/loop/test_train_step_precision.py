"""The step in bfloat16 and float16."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES

StartSteps = Callable[..., tuple[TrainingState, Callable[[int], dict[str, float]]]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.mark.parametrize("norm", [pytest.param("batch", marks=pytest.mark.exhaustive), "none"])
def test_bfloat16_stays_finite_and_weights_stay_float32(start_steps: StartSteps, norm: str) -> None:
    changes = {"discriminator_norm": norm, **(PENALTIES if norm == "none" else {})}
    state, step = start_steps(num_categories=2, dtype=tf.bfloat16, **changes)
    exact = start_steps(num_categories=2, **changes)[1](0)
    losses = step(0)
    assert losses["video_g_loss"] == pytest.approx(exact["video_g_loss"], abs=0.1)
    assert all(math.isfinite(loss) for loss in [*losses.values(), *step(1).values()])
    assert {variable.dtype for variable in state.trainable_variables} == {tf.float32}


@pytest.mark.parametrize("norm", [pytest.param("batch", marks=pytest.mark.exhaustive), "none"])
def test_float16_trains_as_float32_does(start_steps: StartSteps, norm: str) -> None:
    changes = {"discriminator_norm": norm, **(PENALTIES if norm == "none" else {})}
    changes["r1_interval"] = 2
    state, step = start_steps(num_categories=2, dtype=tf.float16, **changes)
    _, exact_step = start_steps(num_categories=2, **changes)
    for number in range(3):
        assert step(number) == pytest.approx(exact_step(number), abs=0.02)
    assert state.loss_scale.good_steps.numpy() == 3
    assert {variable.dtype for variable in state.trainable_variables} == {tf.float32}


@pytest.mark.parametrize("traced", [False, True])
def test_a_float16_step_that_overflows_moves_no_weight(
    start_steps: StartSteps, traced: bool
) -> None:
    tf.config.run_functions_eagerly(not traced)
    state, step = start_steps(dtype=tf.float16)
    step(0)
    state.loss_scale.scale.assign(2.0**40)
    weights = [*state.generator_variables, *state.discriminator_variables]
    before = [variable.numpy() for variable in weights]
    losses = step(1)
    assert all(math.isfinite(loss) for loss in losses.values())
    for variable, value in zip(weights, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert state.loss_scale.scale.numpy() == 2.0**39
    assert (state.step.numpy(), state.generator_optimizer.updates.numpy()) == (2, 1)
    state.loss_scale.scale.assign(2.0**15)
    step(2)
    assert state.generator_optimizer.updates.numpy() == 2
