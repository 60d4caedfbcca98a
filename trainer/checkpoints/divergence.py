"""Whether a training is still one: all numbers finite, no loss beyond all measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import tensorflow as tf

from mocogan.trainer.loop.failures import TrainingDiverged
from mocogan.trainer.state import TrainingState


class HealthCheck:
    """Looks at the losses of a step and at all variables.

    A number that is not finite never leaves the weights again, nor their moments and averages. It is therefore enough
    to look when the losses are read anyhow, and not after each step, which would wait for the device.
    """

    def __init__(self, state: TrainingState, max_loss: float) -> None:
        self._variables = [variable for variable in state.variables if variable.dtype.is_floating]
        self._max_loss = max_loss
        self._all_finite = tf.function(lambda: all_finite(self._variables), autograph=False)

    def check(self, step: int, losses: Mapping[str, float]) -> None:
        """Raises TrainingDiverged."""
        for name, loss in losses.items():
            if not math.isfinite(loss) or abs(loss) > self._max_loss:
                raise TrainingDiverged(f"{name} is {loss:.3g} at step {step}")
        if not self._all_finite():
            raise TrainingDiverged(f"a weight is no finite number after step {step}")


def all_finite(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether all numbers in float tensors are finite -> bool []."""
    # A sum is not finite if one of its parts is not.
    finite = [tf.math.is_finite(tf.reduce_sum(tf.abs(tensor))) for tensor in tensors]
    return tf.reduce_all(tf.stack(finite))
