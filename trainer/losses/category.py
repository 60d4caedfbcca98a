"""The class and the caption of a clip in the losses: by a projection, or for the class by a classifier."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.losses.captions import match
from mocogan.trainer.networks.discriminator import Logits


def adversarial_logits(
    logits: Logits, one_hot: tf.Tensor, sentences: tf.Tensor | None = None, *, classifies: bool
) -> tf.Tensor:
    """Return the adversarial logits. With a projection, add the output for the class of each clip (arXiv:1802.05637).

    So a discriminator asks whether a sample is a real one of this class. A separate loss of classes can overrule the
    adversarial one, because samples that are easy to classify lower it even if they do not look real.

    Args:
        logits: Logits of samples, N a multiple of B, with K categories or none.
        one_hot: Classes of the clips, [B, K]. Each is for N / B samples in a row.
        sentences: What the discriminator reads in the captions of the clips, [B, Dt]. None: no captions.
        classifies: Whether the categories belong to a classifier. Otherwise to a projection.

    Returns:
        Adversarial logits [N, P], float32.
    """
    adversarial = logits.adversarial
    if not classifies and logits.categories.shape[1]:
        samples = tf.shape(logits.categories)[0] // tf.shape(one_hot)[0]
        asked = tf.repeat(one_hot, samples, axis=0) * logits.categories
        adversarial += tf.reduce_sum(asked, axis=1, keepdims=True)
    if sentences is not None:
        adversarial += match(logits.captions, sentences)
    return adversarial


def category_loss(one_hot: tf.Tensor, category_logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of one-hot categories [N, K] and logits [N, K] -> scalar.

    The discriminators minimize it on real clips, the generator on fake clips (arXiv:1610.09585).
    """
    return tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=category_logits)
    )
