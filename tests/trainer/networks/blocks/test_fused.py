from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.fused import (
    counted_noise,
    leaky_relu,
    noisy,
    noisy_leaky_relu,
    palette_mix,
)

KEY, OTHER_KEY = tf.constant(7, tf.uint32), tf.constant(8, tf.uint32)
FIRST = tf.constant(0, tf.uint32)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_leaky_relu_and_its_gradient_keep_a_fifth_of_what_is_negative(dtype: tf.DType) -> None:
    x = tf.constant([-2.0, -0.5, 0.5, 2.0], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = leaky_relu(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(tf.cast(y, tf.float32), [-0.4, -0.1, 0.5, 2.0], rtol=4e-3)
    slopes = tf.cast(tape.gradient(y, x), tf.float32)
    np.testing.assert_allclose(slopes, [0.2, 0.2, 1.0, 1.0], rtol=4e-3)


def test_a_penalty_on_the_slope_reaches_what_is_before_it() -> None:
    weight = tf.Variable(3.0)
    x = tf.constant([-1.0, 1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(leaky_relu(weight * x))
        penalty = tf.reduce_sum(tf.square(inner.gradient(y, x)))
    # The slopes are 0.2 w and w: d(0.04 w^2 + w^2)/dw = 2.08 w.
    assert outer.gradient(penalty, weight).numpy() == pytest.approx(2.08 * 3.0)


def test_noise_is_added_and_lets_gradients_pass() -> None:
    x = tf.fill([50, 200], -1.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        plain, leaky = (kind(x, KEY, FIRST, tf.constant(0.5)) for kind in (noisy, noisy_leaky_relu))
    np.testing.assert_allclose(plain - x, leaky + 0.2, atol=1e-6)
    assert np.std(plain) == pytest.approx(0.5, abs=0.01)
    assert np.unique(tape.gradient(plain, x)).tolist() == [1.0]
    np.testing.assert_allclose(np.unique(tape.gradient(leaky, x)), [0.2])


def test_counted_noise_is_close_to_normal() -> None:
    noise = counted_noise(tf.TensorShape([100, 100, 10]), KEY, FIRST).numpy().ravel()
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert (noise**3).mean() == pytest.approx(0, abs=0.03)
    assert (noise**4).mean() == pytest.approx(2.7, abs=0.06)  # 3 - 1.2 / 4 of a sum of four
    assert np.mean(np.abs(noise) < 1) == pytest.approx(0.68, abs=0.02)
    for lag in (1, 2, 10, 1000):
        assert np.mean(noise[:-lag] * noise[lag:]) == pytest.approx(0, abs=0.015)


def test_counted_noise_is_a_function_of_its_key() -> None:
    shape = tf.TensorShape([1000])
    one, same, other = (counted_noise(shape, key, FIRST).numpy() for key in (KEY, KEY, OTHER_KEY))
    np.testing.assert_array_equal(one, same)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.1)


def test_counted_noise_goes_on_where_a_part_of_it_ends() -> None:
    whole = counted_noise(tf.TensorShape([6, 5]), KEY, FIRST).numpy()
    part = counted_noise(tf.TensorShape([2, 5]), KEY, tf.constant(20, tf.uint32)).numpy()
    np.testing.assert_array_equal(part, whole[4:])


def test_palette_mix_and_its_gradients_are_those_of_its_definition() -> None:
    logits = tf.random.stateless_normal([2, 6, 4], seed=[1, 1])
    colors = tf.random.stateless_normal([2, 4, 3], seed=[1, 2])
    results = []
    for operation in (palette_mix, lambda x, y: tf.matmul(tf.nn.softmax(x), y)):
        with tf.GradientTape() as tape:
            tape.watch([logits, colors])
            y = operation(logits, colors)
            loss = tf.reduce_sum(y * tf.cos(tf.reshape(tf.range(36.0), [2, 6, 3])))
        results.append([y, *tape.gradient(loss, [logits, colors])])
    for made, expected in zip(*results, strict=True):
        np.testing.assert_allclose(made, expected, atol=1e-5)
