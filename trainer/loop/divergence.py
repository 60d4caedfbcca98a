"""Detects divergence. The training then rolls back to the last checkpoint and uses lower learning rates."""

from __future__ import annotations

import math
from collections.abc import Mapping

import tensorflow as tf

from mocogan.trainer.errors import TrainingDiverged
from mocogan.trainer.optimizer.loss_scale import all_finite
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState

_MAX_LOSS = 1e4
_MAX_ROLLBACKS = 3
_ROLLBACK_FACTOR = 0.5  # of both learning rates


class DivergenceGuard:
    """Checks the losses of a step and all variables.

    NaN and Inf stay in the weights, in the optimizer moments and in the EMA. So it is enough to check when the losses
    are read anyway. A check after each step would wait for the device.
    """

    def __init__(self, state: TrainingState) -> None:
        self._state = state
        variables = [variable for variable in state.variables if variable.dtype.is_floating]
        self._all_finite = tf.function(lambda: all_finite(variables), autograph=False)

    def check(self, step: int, losses: Mapping[str, float]) -> None:
        """Raise TrainingDiverged if a loss is not finite or above 1e4 in size, or if a variable is not finite."""
        for name, loss in losses.items():
            if not math.isfinite(loss) or abs(loss) > _MAX_LOSS:
                raise TrainingDiverged(f"{name} is {loss:.3g} at step {step}")
        if not self._all_finite():
            raise TrainingDiverged(f"weights contain NaN or Inf after step {step}")

    def lower_learning_rates(self, diverged: TrainingDiverged, rollbacks: int, where: str) -> None:
        """Halve both learning rates, after the last checkpoint is restored.

        `rollbacks` is the number of earlier rollbacks, `where` the checkpoint folder. Raises TrainingDiverged after 3
        rollbacks.
        """
        step = int(self._state.step.numpy())
        if rollbacks >= _MAX_ROLLBACKS:
            raise TrainingDiverged(
                f"{diverged}. Training still diverges after {rollbacks} rollbacks, with learning rates "
                f"{self._learning_rates()}: lower trainer.optimizer.generator_learning_rate and "
                "trainer.optimizer.discriminator_learning_rate, or set trainer.run.mixed_precision=float32. "
                f"The last good checkpoint is step {step} in {where}"
            ) from diverged
        self._state.rollbacks.assign(rollbacks + 1)
        for rate in self._state.learning_rates:
            rate.assign(rate * _ROLLBACK_FACTOR)
        notify(
            f"warning: {diverged}. Returning to step {step} with learning rates {self._learning_rates()} "
            f"(rollback {rollbacks + 1} of {_MAX_ROLLBACKS})"
        )

    def _learning_rates(self) -> str:
        generator, discriminator = (float(rate.numpy()) for rate in self._state.learning_rates)
        return f"{generator:.2g} and {discriminator:.2g}"
