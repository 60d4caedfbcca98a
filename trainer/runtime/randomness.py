"""Randomness as a value: a stream of tensors that a seed alone determines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

_PHILOX = tf.random.Algorithm.PHILOX.value
_NUMBERS_PER_COUNT = 4  # that Philox makes of one count, for types of at most 32 bits


class RandomStream:
    """Draws tensors one after the other; the same seed and the same order of calls give the same tensors anywhere.

    Nothing is stored but the seed: a training that goes on from step n needs no saved random state. A batch can be
    drawn in parts: part i of n draws the rows that it has in the whole, so a sample's numbers do not depend on how many
    devices share the batch.
    """

    def __init__(self, *seed: Any, part: Any = 0, parts: int = 1) -> None:
        """`seed`: integers or int64 scalars; streams that differ in any of them are independent.

        `part`: integer or int64 scalar below `parts`.
        """
        self._seed = tf.constant([0, 0], tf.int64)
        for number in seed:
            # fold_in takes what fits 32 bits well; a 64-bit seed goes in as its two halves.
            whole = tf.cast(number, tf.int64)
            for half in (whole & 0xFFFFFFFF, tf.bitwise.right_shift(whole, 32)):
                self._seed = tf.random.experimental.stateless_fold_in(self._seed, half)
        self._part, self._parts = part, parts
        self._calls = 0

    def normal(self, shape: Any, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """Samples of N(0, 1), float32, bfloat16 or float16. The first axis of `shape` is of this part's samples."""

        def draw(shape: Any, key: tf.Tensor, counter: tf.Tensor) -> tf.Tensor:
            return tf.raw_ops.StatelessRandomNormalV2(
                shape=shape, key=key, counter=counter, alg=_PHILOX, dtype=dtype
            )

        return self._rows(draw, shape)

    def integers(self, shape: Any, upper: Any) -> tf.Tensor:
        """int32 samples, uniform over 0 .. upper - 1. The first axis of `shape` is of this part's samples."""

        def draw(shape: Any, key: tf.Tensor, counter: tf.Tensor) -> tf.Tensor:
            return tf.raw_ops.StatelessRandomUniformIntV2(
                shape=shape, key=key, counter=counter, alg=_PHILOX, minval=0, maxval=upper
            )

        return self._rows(draw, shape)

    def choices(self, count: Any, weights: Any) -> tf.Tensor:
        """[count] int64 indices into `weights`, each drawn in proportion to its weight >= 0; the same in each part."""
        logits = tf.math.log(tf.cast(weights, tf.float32))[tf.newaxis]
        return tf.random.stateless_categorical(logits, count, self._next())[0]

    def key(self) -> tf.Tensor:
        """A uint32 scalar, uniform; the same in each part."""
        return tf.random.stateless_uniform([], self._next(), None, None, dtype=tf.uint32)

    def first_number(self, x: tf.Tensor) -> tf.Tensor:
        """The number of the first element of `x`, this part's rows, in the whole; uint32 scalar. Draws nothing."""
        return tf.cast(self._part * tf.size(x, tf.int64), tf.uint32)

    def _rows(
        self, draw: Callable[[Any, tf.Tensor, tf.Tensor], tf.Tensor], shape: Any
    ) -> tf.Tensor:
        """What `draw(shape, key, counter)` gives for this part's rows of the whole."""
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=self._next())
        if self._parts == 1:
            return draw(shape, key, counter)
        shape = tf.cast(shape, tf.int64)
        known = tf.get_static_value(shape)
        count = tf.reduce_prod(shape) if known is None else math.prod(known.tolist())
        first = self._part * count
        # Philox counts: it makes number n without those before it.
        skipped = tf.add(tf.bitcast(counter, tf.int64), [first // _NUMBERS_PER_COUNT, 0])
        counter = tf.bitcast(skipped, tf.uint64)
        if known is not None and count % _NUMBERS_PER_COUNT == 0:
            return draw(shape, key, counter)
        before = first % _NUMBERS_PER_COUNT  # numbers of the first count that belong to other rows
        return tf.reshape(draw([before + count], key, counter)[before:], shape)

    def _next(self) -> tf.Tensor:
        self._calls += 1
        return tf.random.experimental.stateless_fold_in(self._seed, self._calls)
