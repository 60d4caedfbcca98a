from __future__ import annotations

import math

import pytest
import tensorflow as tf

from mocogan.trainer.losses.category import adversarial_logits, category_loss
from mocogan.trainer.networks.discriminator import Logits


def test_category_loss_is_cross_entropy() -> None:
    logits = tf.constant([[0.0, 0.0], [math.log(3.0), 0.0]])
    loss = category_loss(tf.constant([[1.0, 0.0], [0.0, 1.0]]), logits)
    assert loss.numpy() == pytest.approx((math.log(2) + math.log(4)) / 2, abs=1e-5)


def test_without_a_preference_it_is_the_logarithm_of_the_number_of_classes() -> None:
    loss = category_loss(tf.one_hot([0, 3, 4], 5), tf.fill([3, 5], 7.0))
    assert loss.numpy() == pytest.approx(math.log(5))


def test_the_output_for_the_class_of_the_clip_is_added_to_all_its_logits() -> None:
    # Two samples of each of two clips, two patches, three classes.
    logits = Logits(
        tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]),
        tf.reshape(tf.range(10.0, 130.0, 10.0), [4, 3]),
    )
    joined = adversarial_logits(logits, tf.one_hot([2, 0], 3), classifies=False)
    assert joined.numpy().tolist() == [[31, 32], [63, 64], [75, 76], [107, 108]]


def test_without_outputs_for_classes_nothing_is_added() -> None:
    logits = Logits(tf.constant([[1.0, 2.0]]), tf.zeros([1, 0]))
    assert adversarial_logits(logits, tf.one_hot([1], 2), classifies=False) is logits.adversarial


def test_outputs_of_a_classifier_are_not_added() -> None:
    logits = Logits(tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]]))
    assert adversarial_logits(logits, tf.one_hot([1], 2), classifies=True) is logits.adversarial
