"""Losses of captions: right and wrong ones for the discriminators, and two of the generator's vectors."""

from __future__ import annotations

import math

import tensorflow as tf

from mocogan.trainer.config import AdversarialLoss


def mismatch_loss(
    kind: AdversarialLoss, right_logits: tf.Tensor, wrong_logits: tf.Tensor, has_wrong: tf.Tensor
) -> tf.Tensor:
    """Loss of a discriminator for real samples with wrong captions, which it should refuse as it refuses fake ones.

    So it cannot judge by the samples alone (GAN-CLS, arXiv:1605.05396; TGANs-C, arXiv:1804.08264, section 3.2).

    Args:
        kind: The adversarial loss. `relativistic` compares the wrong caption of a sample with its right one.
        right_logits: Logits [N, P] of real samples with their captions, float32.
        wrong_logits: Logits [N, P] of the same samples with other captions.
        has_wrong: bool [B], N a multiple of B: which clips have a wrong caption. The others have no loss.

    Returns:
        Scalar float32 >= 0, the mean over all samples.
    """
    samples = tf.shape(right_logits)[0] // tf.shape(has_wrong)[0]
    if kind == "hinge":
        losses = tf.nn.relu(1 + wrong_logits)
    elif kind == "relativistic":
        losses = tf.nn.softplus(wrong_logits - right_logits)
    else:
        losses = tf.nn.softplus(wrong_logits)
    weights = tf.repeat(tf.cast(has_wrong, losses.dtype), samples)[:, tf.newaxis]
    return tf.reduce_mean(weights * losses)


def kl_divergence(mean: tf.Tensor, log_stddev: tf.Tensor) -> tf.Tensor:
    """Divergence of normal distributions [N, D] from N(0, 1): scalar float32 >= 0, the mean over all values.

    It keeps the vectors of captions close together (StackGAN, arXiv:1612.03242, equation 4).
    """
    terms = tf.square(mean) + tf.exp(2 * log_stddev) - 1 - 2 * log_stddev
    return 0.5 * tf.reduce_mean(terms)


def disagreement(one: tf.Tensor, other: tf.Tensor, has_other: tf.Tensor) -> tf.Tensor:
    """Squared distance of the vectors of two captions of the same clip: scalar float32 >= 0.

    So a wording that the generator misunderstands can learn from another one. Without it, a whole wording stayed wrong
    through a training of an hour.

    Args:
        one: Vectors [B, D].
        other: Vectors [B, D] of other captions of the clips.
        has_other: bool [B]; the clips without another caption have no loss.
    """
    distances = tf.reduce_mean(tf.square(one - other), axis=1)
    return tf.reduce_mean(tf.where(has_other, distances, 0.0))


def match(features: tf.Tensor, sentences: tf.Tensor) -> tf.Tensor:
    """How well samples fit captions, by a projection (arXiv:1802.05637): [N, D] and [B, D] -> logits [N, 1].

    N is a multiple of B. Each caption is for N / B samples in a row.
    """
    samples = tf.shape(features)[0] // tf.shape(sentences)[0]
    products = features * tf.repeat(sentences, samples, axis=0)
    # With D products of about the same size, the sum does not grow with D.
    return tf.reduce_sum(products, axis=1, keepdims=True) / math.sqrt(features.shape[1])
