from __future__ import annotations

import pytest
import tensorflow as tf

from mocogan.trainer.optimizer.loss_scale import LossScale, all_finite


def followed(finite: list[bool], first: float, good_steps: int) -> list[float]:
    """The scales after each step."""
    scale = LossScale(first, good_steps)
    scales = []
    for each in finite:
        scale.follow(tf.constant(each))
        scales.append(float(scale.scale))
    return scales


def test_it_doubles_after_so_many_good_steps_in_a_row() -> None:
    assert followed([True] * 5, 8.0, 2) == [8, 16, 16, 32, 32]


def test_it_halves_after_each_bad_step_and_counts_anew() -> None:
    finite = [True, False, False, True, True, True]
    assert followed(finite, 8.0, 3) == [8, 4, 2, 2, 2, 4]


def test_it_stays_between_1_and_2_to_the_24() -> None:
    assert followed([False] * 3, 2.0, 1) == [1, 1, 1]
    assert followed([True] * 3, 2.0**23, 1) == [2.0**24] * 3


def test_gradients_lose_the_scale() -> None:
    scale = LossScale(4.0)
    [gradient] = scale.unscaled([tf.constant([2.0, -6.0])])
    assert gradient.numpy().tolist() == [0.5, -1.5]


@pytest.mark.parametrize("loss", [1.0, 1e-3])
def test_scaled_gradients_survive_float16(loss: float) -> None:
    """Of a mean over a million values each gradient is below what float16 can hold."""
    scale = LossScale()
    gradients = []
    for factor in (scale.scale, 1.0):
        x = tf.constant([loss])
        with tf.GradientTape() as tape:
            tape.watch(x)
            narrow = tf.cast(x, tf.float16)
            mean = tf.reduce_sum(tf.cast(narrow, tf.float32)) * 1e-8
        gradients.append(tape.gradient(mean, x, factor * tf.ones([])))
    [unscaled] = scale.unscaled([gradients[0]])
    assert unscaled.numpy()[0] == pytest.approx(1e-8, rel=1e-3)
    assert gradients[1].numpy()[0] == 0.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_one_number_that_is_not_finite_is_seen(bad: float) -> None:
    tensors = [tf.zeros([2, 3]), tf.constant(1.0)]
    assert all_finite(tensors)
    assert not all_finite([*tensors, tf.constant([0.0, bad, 0.0])])
