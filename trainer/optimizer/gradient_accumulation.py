"""Gradient accumulation: sums the gradients of a batch that is computed in parts.

Parts need less memory than the whole batch. The weights change once per batch, after the last part.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


class GradientSums(tf.Module):
    """Sums of the gradients of all parts so far. They are zero between steps, so checkpoints do not store them."""

    def __init__(self, variables: Sequence[tf.Variable]) -> None:
        """`variables`: the variables that the gradients belong to."""
        super().__init__()
        self._sums = [
            tf.Variable(tf.zeros(variable.shape), trainable=False, name="sum")
            for variable in variables
        ]

    def add(self, gradients: Sequence[tf.Tensor]) -> None:
        """Adds the gradients of one part, in the order of the variables."""
        for total, gradient in zip(self._sums, gradients, strict=True):
            total.assign_add(gradient)

    def take(self) -> list[tf.Tensor]:
        """Returns the sums and resets them to zero."""
        taken = [total.read_value() for total in self._sums]
        for total in self._sums:
            total.assign(tf.zeros(total.shape))
        return taken
