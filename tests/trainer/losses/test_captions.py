from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import AdversarialLoss
from mocogan.trainer.losses.captions import disagreement, kl_divergence, match, mismatch_loss


def test_a_match_is_a_scaled_product_for_all_samples_of_a_clip() -> None:
    features = tf.constant([[1.0, 2, 0, 0], [0, 0, 3, 0], [4, 0, 0, 0], [0, 1, 1, 0]])
    sentences = tf.constant([[1.0, 1, 1, 1], [2, 0, 0, 0]])
    np.testing.assert_allclose(match(features, sentences), [[1.5], [1.5], [4], [0]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("relativistic", math.log1p(math.exp(1 - 3))),
        ("non_saturating", math.log1p(math.exp(1))),
        ("hinge", 2.0),
    ],
)
def test_only_clips_with_a_wrong_caption_have_a_loss(
    kind: AdversarialLoss, expected: float
) -> None:
    right, wrong = tf.constant([[3.0], [3], [9], [9]]), tf.constant([[1.0], [1], [7], [7]])
    loss = mismatch_loss(kind, right, wrong, tf.constant([True, False]))
    assert float(loss) == pytest.approx(2 * expected / 4, rel=1e-5)


def test_two_captions_of_a_clip_are_compared_where_there_are_two() -> None:
    one, other = tf.constant([[1.0, 2], [3, 4]]), tf.constant([[1.0, 4], [9, 9]])
    both, first = tf.constant([True, True]), tf.constant([True, False])
    assert float(disagreement(one, other, both)) == pytest.approx((4 + 36 + 25) / 4)
    assert float(disagreement(one, other, first)) == pytest.approx(4 / 4)
    assert float(disagreement(one, one, both)) == 0


def test_the_divergence_of_a_standard_normal_is_zero() -> None:
    zeros = tf.zeros([2, 3])
    assert float(kl_divergence(zeros, zeros)) == 0
    # Half of 1 + 4 - 1 - 2 log 2.
    found = float(kl_divergence(zeros + 1, zeros + math.log(2)))
    assert found == pytest.approx((4 - 2 * math.log(2)) / 2, rel=1e-5)
