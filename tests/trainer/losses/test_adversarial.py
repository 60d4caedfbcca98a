"""Every number here was worked out by hand: softplus(0) = 0.693147, softplus(-1) = 0.313262, and so on."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.losses.adversarial import (
    category_loss,
    discriminator_loss,
    generator_loss,
    slope_penalty,
)

REAL = tf.constant([[0.0, 2.0]])
FAKE = tf.constant([[0.0, -1.0]])


def test_non_saturating_is_binary_cross_entropy() -> None:
    of_real, of_fake = (0.693147 + 0.126928) / 2, (0.693147 + 0.313262) / 2
    assert discriminator_loss("non_saturating", REAL, FAKE).numpy() == pytest.approx(
        of_real + of_fake, abs=1e-5
    )
    assert generator_loss("non_saturating", REAL, FAKE).numpy() == pytest.approx(
        (0.693147 + 1.313262) / 2, abs=1e-5
    )


def test_relativistic_compares_each_real_logit_with_its_fake() -> None:
    assert discriminator_loss("relativistic", REAL, FAKE).numpy() == pytest.approx(
        (0.693147 + 0.048587) / 2, abs=1e-5
    )
    assert generator_loss("relativistic", REAL, FAKE).numpy() == pytest.approx(
        (0.693147 + 3.048587) / 2, abs=1e-5
    )
    raised_alike = discriminator_loss("relativistic", REAL + 5, FAKE + 5)
    assert raised_alike.numpy() == pytest.approx((0.693147 + 0.048587) / 2, abs=1e-5)


def test_hinge_asks_for_a_margin_of_one_and_no_more() -> None:
    # relu(1 - 0), relu(1 - 2) of the real ones, relu(1 + 0), relu(1 - 1) of the fakes.
    assert discriminator_loss("hinge", REAL, FAKE).numpy() == (1 + 0) / 2 + (1 + 0) / 2
    assert generator_loss("hinge", REAL, FAKE).numpy() == -(0 - 1) / 2
    with tf.GradientTape() as tape:
        tape.watch(REAL)
        loss = discriminator_loss("hinge", REAL, FAKE)
    assert tape.gradient(loss, REAL).numpy().tolist() == [[-0.5, 0.0]]


@pytest.mark.parametrize("loss", ["non_saturating", "hinge", "relativistic"])
def test_each_side_gains_what_the_other_loses(loss: str) -> None:
    better_fakes = FAKE + 1
    assert generator_loss(loss, REAL, better_fakes) < generator_loss(loss, REAL, FAKE)
    assert discriminator_loss(loss, REAL, better_fakes) > discriminator_loss(loss, REAL, FAKE)


@pytest.mark.parametrize("loss", ["non_saturating", "hinge", "relativistic"])
def test_confident_logits_do_not_overflow(loss: str) -> None:
    high, low = tf.constant([[500.0]]), tf.constant([[-500.0]])
    assert math.isfinite(discriminator_loss(loss, low, high))
    assert math.isfinite(generator_loss(loss, high, low))


def test_category_loss_is_cross_entropy() -> None:
    logits = tf.constant([[0.0, 0.0], [math.log(3.0), 0.0]])
    loss = category_loss(tf.constant([[1.0, 0.0], [0.0, 1.0]]), logits)
    assert loss.numpy() == pytest.approx((math.log(2) + math.log(4)) / 2, abs=1e-5)


def test_slope_penalty_of_a_linear_judge_is_known() -> None:
    weights = tf.Variable([[3.0], [4.0]])
    with tf.GradientTape() as tape:
        penalty = slope_penalty(lambda x: tf.matmul(x, weights), tf.ones([5, 2]))
    # Half of |w| squared = 25, for 2 values of which each moves by a grey level of 2 / 255.
    assert penalty.numpy() == pytest.approx(0.5 * 25 * 2 * (2 / 255) ** 2)
    # d/dw of half w squared is w: the penalty can be trained on.
    expected = [[3.0 * 2 * (2 / 255) ** 2], [4.0 * 2 * (2 / 255) ** 2]]
    np.testing.assert_allclose(tape.gradient(penalty, weights), expected, rtol=1e-5)


def test_slope_penalty_is_of_the_mean_patch_and_averages_samples() -> None:
    samples = tf.reshape(tf.constant([1.0, 2.0]), [2, 1, 1, 1, 1])

    def judge(x: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(x, [2, 1])
        return tf.concat([flat**2, 3 * flat], axis=1)

    slopes = (2 * 1 + 3) / 2, (2 * 2 + 3) / 2
    expected = 0.5 * (slopes[0] ** 2 + slopes[1] ** 2) / 2 * (2 / 255) ** 2
    assert slope_penalty(judge, samples).numpy() == pytest.approx(expected)


def test_slope_penalty_is_the_same_for_large_and_small_samples() -> None:
    def mean(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(x, axis=[1, 2, 3])[:, tf.newaxis]

    frames = [tf.zeros([2, size, size, 3]) for size in (8, 32)]
    small, large = (slope_penalty(mean, part).numpy() for part in frames)
    assert small == pytest.approx(large)
    assert small == pytest.approx(0.5 * (2 / 255) ** 2)
