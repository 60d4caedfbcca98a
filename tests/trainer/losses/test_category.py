from __future__ import annotations

import math

import pytest
import tensorflow as tf

from mocogan.trainer.losses.category import category_loss


def test_category_loss_is_cross_entropy() -> None:
    logits = tf.constant([[0.0, 0.0], [math.log(3.0), 0.0]])
    loss = category_loss(tf.constant([[1.0, 0.0], [0.0, 1.0]]), logits)
    assert loss.numpy() == pytest.approx((math.log(2) + math.log(4)) / 2, abs=1e-5)


def test_without_a_preference_it_is_the_logarithm_of_the_number_of_classes() -> None:
    loss = category_loss(tf.one_hot([0, 3, 4], 5), tf.fill([3, 5], 7.0))
    assert loss.numpy() == pytest.approx(math.log(5))
