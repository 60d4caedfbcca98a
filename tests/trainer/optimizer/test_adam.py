from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.optimizer.adam import Adam


def adam(variable: tf.Variable, weight_decay: float = 0.0) -> Adam:
    return Adam([variable], learning_rate=0.1, betas=(0.5, 0.99), weight_decay=weight_decay)


def test_first_step_is_as_long_as_the_learning_rate() -> None:
    # m = 0.25 and v = 0.0025; without their bias 0.5 and 0.25: 1 - 0.1 * 0.5 / sqrt(0.25).
    weights = tf.Variable([1.0, 1.0])
    adam(weights).apply([tf.constant([0.5, -0.002])])
    np.testing.assert_allclose(weights, [0.9, 1.1], rtol=1e-5)


def test_second_step_remembers_the_first() -> None:
    weights = tf.Variable([1.0])
    optimizer = adam(weights)
    optimizer.apply([tf.constant([0.5])])
    optimizer.apply([tf.constant([-1.0])])
    first = (0.5 * 0.25 - 0.5 * 1.0) / (1 - 0.5**2)
    second = (0.99 * 0.0025 + 0.01 * 1.0) / (1 - 0.99**2)
    np.testing.assert_allclose(weights, [0.9 - 0.1 * first / second**0.5], rtol=1e-5)
    assert optimizer.updates.numpy() == 2


def test_weight_decay_is_added_to_the_gradient() -> None:
    weights = tf.Variable([2.0])
    optimizer = adam(weights, weight_decay=0.1)
    optimizer.apply([tf.constant([0.3])])
    np.testing.assert_allclose(optimizer.first_moments[0], [0.5 * (0.3 + 0.1 * 2)], rtol=1e-6)
    np.testing.assert_allclose(optimizer.second_moments[0], [0.01 * 0.5**2], rtol=1e-5)


def test_the_learning_rate_can_be_lowered_for_one_update() -> None:
    weights = tf.Variable([1.0])
    adam(weights).apply([tf.constant([0.5])], tf.constant(0.25))
    np.testing.assert_allclose(weights, [1.0 - 0.25 * 0.1], rtol=1e-5)


def test_a_gradient_for_each_variable_is_wanted() -> None:
    with pytest.raises(ValueError, match="shorter"):
        adam(tf.Variable([1.0])).apply([])


def test_its_memory_is_saved_with_the_state_but_not_trained() -> None:
    optimizer = adam(tf.Variable([1.0], trainable=False))
    memory = [*optimizer.first_moments, *optimizer.second_moments, optimizer.updates]
    saved = {variable.ref() for variable in optimizer.variables}
    assert saved.issuperset(variable.ref() for variable in memory)
    assert optimizer.trainable_variables == ()
