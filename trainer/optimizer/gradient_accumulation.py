"""The gradients of a batch that is computed in parts."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


class GradientSums(tf.Module):
    """Sums of the parts so far; zeros between two steps, so no checkpoint needs them."""

    def __init__(self, variables: Sequence[tf.Variable]) -> None:
        """`variables`: that the gradients are of."""
        super().__init__()
        self._sums = [
            tf.Variable(tf.zeros(variable.shape), trainable=False, name="sum")
            for variable in variables
        ]

    def add(self, gradients: Sequence[tf.Tensor]) -> None:
        """Adds those of a part, in the order of the variables."""
        for total, gradient in zip(self._sums, gradients, strict=True):
            total.assign_add(gradient)

    def take(self) -> list[tf.Tensor]:
        """The sums, which then begin anew."""
        taken = [total.read_value() for total in self._sums]
        for total in self._sums:
            total.assign(tf.zeros(total.shape))
        return taken
