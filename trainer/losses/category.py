"""Classification loss for the classes of clips."""

from __future__ import annotations

import tensorflow as tf


def category_loss(one_hot: tf.Tensor, category_logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of one-hot categories [N, K] and logits [N, K] -> scalar.

    The discriminators minimize it on real clips, the generator on fake clips (arXiv:1610.09585).
    """
    return tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=category_logits)
    )
