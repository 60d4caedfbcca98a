"""What happens when a training diverges: it is noticed, and goes on from the last checkpoint with lower rates."""

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

    A number that is not finite never leaves the weights again, nor their moments and averages. So it is enough to check
    when the losses are read anyway, and not after each step, which would wait for the device.
    """

    def __init__(self, state: TrainingState) -> None:
        self._state = state
        variables = [variable for variable in state.variables if variable.dtype.is_floating]
        self._all_finite = tf.function(lambda: all_finite(variables), autograph=False)

    def check(self, step: int, losses: Mapping[str, float]) -> None:
        """Raises TrainingDiverged if a loss is not finite or beyond 1e4, or a weight is not finite."""
        for name, loss in losses.items():
            if not math.isfinite(loss) or abs(loss) > _MAX_LOSS:
                raise TrainingDiverged(f"{name} is {loss:.3g} at step {step}")
        if not self._all_finite():
            raise TrainingDiverged(f"weights contain NaN or Inf after step {step}")

    def lower_learning_rates(self, diverged: TrainingDiverged, rollbacks: int, where: str) -> None:
        """Call it when the last checkpoint is restored. `rollbacks`: before this one; `where`: the checkpoints' folder.

        Raises TrainingDiverged when there were 3 before.
        """
        step = int(self._state.step.numpy())
        if rollbacks >= _MAX_ROLLBACKS:
            raise TrainingDiverged(
                f"{diverged}, after {rollbacks} rollbacks with learning rates down to {self._learning_rates()}: lower "
                "trainer.optimizer.generator_learning_rate and discriminator_learning_rate, or set "
                f"trainer.run.mixed_precision to float32. The last good state is that of step {step} in {where}"
            ) from diverged
        self._state.rollbacks.assign(rollbacks + 1)
        for rate in self._state.learning_rates:
            rate.assign(rate * _ROLLBACK_FACTOR)
        notify(
            f"warning: {diverged}; back to step {step} with learning rates {self._learning_rates()} "
            f"(rollback {rollbacks + 1} of {_MAX_ROLLBACKS})"
        )

    def _learning_rates(self) -> str:
        generator, discriminator = (float(rate.numpy()) for rate in self._state.learning_rates)
        return f"{generator:.2g} and {discriminator:.2g}"
