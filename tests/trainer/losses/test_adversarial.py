"""Every number here was worked out by hand: softplus(0) = 0.693147, softplus(-1) = 0.313262, and so on."""

from __future__ import annotations

import math

import pytest
import tensorflow as tf

from mocogan.trainer.losses.adversarial import discriminator_loss, generator_loss

REAL = tf.constant([[0.0, 2.0]])
FAKE = tf.constant([[0.0, -1.0]])


def test_non_saturating_is_binary_cross_entropy() -> None:
    real, fake = (0.693147 + 0.126928) / 2, (0.693147 + 0.313262) / 2
    assert discriminator_loss("non_saturating", REAL, FAKE).numpy() == pytest.approx(
        real + fake, abs=1e-5
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
