"""The loss that teaches the classes."""

from __future__ import annotations

import tensorflow as tf


def category_loss(one_hot: tf.Tensor, category_logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of categories [N, K], one-hot, and logits [N, K] -> scalar.

    The discriminators learn it from real clips, the generator from fake ones (arXiv:1610.09585).
    """
    return tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=category_logits)
    )
