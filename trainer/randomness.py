"""Randomness as a value: a stream of tensors that a seed alone determines."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class RandomStream:
    """Draws tensors one after the other; the same seed and the same order of calls give the same tensors anywhere.

    Nothing is stored but the seed: a training that goes on from step n needs no saved random state.
    """

    def __init__(self, *seed: Any) -> None:
        """`seed`: integers or int64 scalars; streams that differ in any of them are independent."""
        self._seed = tf.constant([0, 0], tf.int64)
        for part in seed:
            # fold_in takes what fits 32 bits well; a 64-bit seed goes in as its two halves.
            part = tf.cast(part, tf.int64)
            for half in (part & 0xFFFFFFFF, tf.bitwise.right_shift(part, 32)):
                self._seed = tf.random.experimental.stateless_fold_in(self._seed, half)
        self._calls = 0

    def normal(self, shape: Any, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """Samples of N(0, 1)."""
        return tf.random.stateless_normal(shape, self._next(), dtype=dtype)

    def integers(self, shape: Any, upper: Any) -> tf.Tensor:
        """int32 samples, uniform over 0 .. upper - 1."""
        return tf.random.stateless_uniform(
            shape, self._next(), minval=0, maxval=upper, dtype=tf.int32
        )

    def choices(self, count: Any, weights: Any) -> tf.Tensor:
        """[count] int64 indices into `weights`, each drawn in proportion to its weight >= 0."""
        logits = tf.math.log(tf.cast(weights, tf.float32))[tf.newaxis]
        return tf.random.stateless_categorical(logits, count, self._next())[0]

    def key(self) -> tf.Tensor:
        """A uint32 scalar, uniform."""
        return tf.random.stateless_uniform([], self._next(), None, None, dtype=tf.uint32)

    def _next(self) -> tf.Tensor:
        self._calls += 1
        return tf.random.experimental.stateless_fold_in(self._seed, self._calls)
