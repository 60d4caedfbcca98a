"""The factor that keeps small gradients within float16's range, found while training."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_FIRST = 2.0**15
_LARGEST = 2.0**24
_GOOD_STEPS = 1000  # in a row, before a larger one is tried


class LossScale(tf.Module):
    """Doubled after many steps without an overflow, halved after each with one (arXiv:1710.03740, section 3.2)."""

    def __init__(self, first: float = _FIRST, good_steps: int = _GOOD_STEPS) -> None:
        """`good_steps`: in a row, before it is doubled."""
        super().__init__()
        self.scale = tf.Variable(first, trainable=False, name="scale")
        self.good_steps = tf.Variable(0, dtype=tf.int64, trainable=False, name="good_steps")
        self._needed = good_steps

    def unscaled(self, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Gradients of losses that were multiplied by `scale` -> those of the losses."""
        # Exact: the scale is a power of two.
        return [gradient / self.scale for gradient in gradients]

    def follow(self, finite: tf.Tensor) -> None:
        """Adapts the scale to whether the gradients of a step, bool [], were all `finite`."""
        good_steps = tf.where(finite, self.good_steps + 1, 0)
        grow = good_steps >= self._needed
        larger = tf.where(grow, tf.minimum(2.0 * self.scale, _LARGEST), self.scale)
        self.scale.assign(tf.where(finite, larger, tf.maximum(self.scale / 2.0, 1.0)))
        self.good_steps.assign(tf.where(grow, tf.zeros_like(good_steps), good_steps))


def all_finite(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether all numbers in float tensors are finite -> bool []."""
    # A sum is not finite if one of its parts is not.
    finite = [tf.math.is_finite(tf.reduce_sum(tf.abs(tensor))) for tensor in tensors]
    return tf.reduce_all(tf.stack(finite))
