from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.optimizer.gradient_accumulation import GradientSums


def test_sums_are_taken_once() -> None:
    sums = GradientSums([tf.Variable([1.0, 1.0]), tf.Variable(1.0)])
    sums.add([tf.constant([1.0, 2.0]), tf.constant(5.0)])
    sums.add([tf.constant([10.0, 20.0]), tf.constant(-1.0)])
    assert [total.numpy().tolist() for total in sums.take()] == [[11, 22], 4]
    sums.add([tf.constant([3.0, 0.0]), tf.constant(0.0)])
    assert [total.numpy().tolist() for total in sums.take()] == [[3, 0], 0]
