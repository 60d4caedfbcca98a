from __future__ import annotations

import pytest
import tensorflow as tf

from mocogan.trainer.errors import TrainingDiverged
from mocogan.trainer.loop.divergence import DivergenceGuard
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def state(clip_shape: tuple[int, int, int, int]) -> TrainingState:
    return TrainingState(tiny(architecture="seed"), clip_shape, 0)


@pytest.mark.parametrize("loss", [0.0, 9999.0, -9999.0])
def test_finite_losses_and_weights_are_good(state: TrainingState, loss: float) -> None:
    DivergenceGuard(state).check(3, {"d_loss": 0.5, "g_loss": loss})


@pytest.mark.parametrize("loss", [10001.0, -10001.0, float("nan"), float("inf")])
def test_a_loss_beyond_the_limit_or_not_finite_is_named(state: TrainingState, loss: float) -> None:
    with pytest.raises(TrainingDiverged, match=r"g_loss is .* at step 3"):
        DivergenceGuard(state).check(3, {"d_loss": 0.5, "g_loss": loss})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("part", ["generator", "ema_generator", "discriminator_optimizer"])
def test_any_variable_that_is_not_finite_is_noticed(
    state: TrainingState, part: str, value: float
) -> None:
    variables = [v for v in getattr(state, part).variables if v.dtype == tf.float32]
    variable = max(variables, key=lambda each: each.shape.num_elements())
    flat = tf.reshape(variable, [-1])
    variable.assign(tf.reshape(tf.concat([flat[:-1], [value]], axis=0), variable.shape))
    with pytest.raises(TrainingDiverged, match="weights contain NaN or Inf after step 3"):
        DivergenceGuard(state).check(3, {"d_loss": 0.5})


def test_each_rollback_halves_both_learning_rates_and_the_fourth_ends_the_training(
    state: TrainingState, capsys: pytest.CaptureFixture[str]
) -> None:
    guard, diverged = DivergenceGuard(state), TrainingDiverged("d_loss is nan at step 9")
    state.step.assign(5)
    for rate in state.learning_rates:
        rate.assign(0.8)
    for rollbacks, expected in enumerate((0.4, 0.2, 0.1)):
        guard.lower_learning_rates(diverged, rollbacks, "/kept")
        rates = [float(rate) for rate in state.learning_rates]
        assert rates == pytest.approx([expected, expected])
        assert state.rollbacks.numpy() == rollbacks + 1
        assert (
            f"warning: d_loss is nan at step 9. Returning to step 5 with learning rates {expected} and "
            f"{expected} (rollback {rollbacks + 1} of 3)"
        ) in capsys.readouterr().err
    message = (
        r"d_loss is nan at step 9\. Training still diverges after 3 rollbacks, with learning rates 0.1 and 0.1: lower "
        r"trainer.optimizer.generator_learning_rate .* good checkpoint is step 5 in /kept"
    )
    with pytest.raises(TrainingDiverged, match=message):
        guard.lower_learning_rates(diverged, 3, "/kept")
    assert state.rollbacks.numpy() == 3
