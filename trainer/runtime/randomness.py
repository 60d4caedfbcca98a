"""Streams of random tensors that depend only on a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_ALGORITHM = "philox"  # the same numbers on every device


class RandomStream:
    """Draws random tensors. The same seed and the same order of calls give the same tensors on every device.

    Only the seed is stored, so a resumed training needs no saved random state. A batch can be drawn in parts: part i
    of n gets its rows of the whole batch. So the numbers of a sample do not depend on the number of devices.
    """

    def __init__(self, *seed: Any, part: Any = 0, parts: int = 1) -> None:
        """`seed`: integers or int64 scalars. Streams are independent if any of them differs.

        `part`: integer or int64 scalar, 0 to `parts` - 1.
        """
        self._seed = tf.constant([0, 0], tf.int64)
        for number in seed:
            # fold_in mixes only 32 bits well, so a 64-bit seed is folded in as two halves.
            whole = tf.cast(number, tf.int64)
            for half in (whole & 0xFFFFFFFF, tf.bitwise.right_shift(whole, 32)):
                self._seed = tf.random.experimental.stateless_fold_in(self._seed, half)
        self._part, self._parts = part, parts
        self._calls = 0

    def normal(self, shape: Sequence[Any], dtype: tf.DType = tf.float32) -> tf.Tensor:
        """Samples of N(0, 1). The first axis of `shape` counts the samples of this part."""
        seed = self._next()
        return self._rows(
            shape,
            lambda whole: tf.random.stateless_normal(whole, seed, dtype=dtype, alg=_ALGORITHM),
        )

    def integers(self, shape: Sequence[Any], upper: Any) -> tf.Tensor:
        """int32 samples, uniform over 0 .. upper - 1. The first axis of `shape` counts the samples of this part."""
        seed = self._next()
        return self._rows(
            shape,
            lambda whole: tf.random.stateless_uniform(
                whole, seed, 0, upper, dtype=tf.int32, alg=_ALGORITHM
            ),
        )

    def choices(self, count: Any, weights: Any) -> tf.Tensor:
        """[count] int64 indices into `weights`, drawn in proportion to the weights >= 0. The same in each part."""
        logits = tf.math.log(tf.cast(weights, tf.float32))[tf.newaxis]
        return tf.random.stateless_categorical(logits, count, self._next())[0]

    def key(self) -> tf.Tensor:
        """A uniform uint32 scalar. The same in each part."""
        return tf.random.stateless_uniform([], self._next(), None, None, dtype=tf.uint32)

    def first_number(self, x: tf.Tensor) -> tf.Tensor:
        """Index in the whole batch of the first element of `x`, the rows of this part: uint32 scalar. Draws nothing."""
        return tf.cast(self._part * tf.size(x, tf.int64), tf.uint32)

    def _rows(self, shape: Sequence[Any], draw: Callable[[Sequence[Any]], tf.Tensor]) -> tf.Tensor:
        """The rows of this part from the tensor that `draw` returns for the whole batch."""
        if self._parts == 1:
            return draw(shape)
        rows, *rest = shape
        whole = draw([rows * self._parts, *rest])
        return tf.reshape(whole, [self._parts, rows, *rest])[self._part]

    def _next(self) -> tf.Tensor:
        self._calls += 1
        return tf.random.experimental.stateless_fold_in(self._seed, self._calls)
