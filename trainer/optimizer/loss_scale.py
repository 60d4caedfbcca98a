"""Loss scaling: a factor on the losses that keeps small gradients in the range of float16."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_FIRST = 2.0**15
_LARGEST = 2.0**24
_GOOD_STEPS = 1000  # in a row without overflow, before the scale doubles


class LossScale(tf.Module):
    """Doubles after many steps without overflow and halves after each overflow (arXiv:1710.03740, section 3.2)."""

    def __init__(self, first: float = _FIRST, good_steps: int = _GOOD_STEPS) -> None:
        """`good_steps`: steps in a row without overflow, before the scale doubles."""
        super().__init__()
        self.scale = tf.Variable(first, trainable=False, name="scale")
        self.good_steps = tf.Variable(0, dtype=tf.int64, trainable=False, name="good_steps")
        self._needed = good_steps

    def unscaled(self, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Divides gradients of scaled losses by the scale."""
        # Exact: the scale is a power of two.
        return [gradient / self.scale for gradient in gradients]

    def follow(self, finite: tf.Tensor) -> None:
        """Adapts the scale after a step. `finite`, bool []: all gradients of the step were finite."""
        good_steps = tf.where(finite, self.good_steps + 1, 0)
        grow = good_steps >= self._needed
        larger = tf.where(grow, tf.minimum(2.0 * self.scale, _LARGEST), self.scale)
        self.scale.assign(tf.where(finite, larger, tf.maximum(self.scale / 2.0, 1.0)))
        self.good_steps.assign(tf.where(grow, tf.zeros_like(good_steps), good_steps))


def all_finite(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether all values of float tensors are finite -> bool []."""
    # A sum is NaN or Inf if one of its terms is.
    finite = [tf.math.is_finite(tf.reduce_sum(tf.abs(tensor))) for tensor in tensors]
    return tf.reduce_all(tf.stack(finite))
