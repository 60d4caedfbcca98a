"""Adversarial losses: logits in, a scalar out. Positive logits mean real."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.config import AdversarialLoss


def discriminator_loss(
    kind: AdversarialLoss, real_logits: tf.Tensor, fake_logits: tf.Tensor
) -> tf.Tensor:
    """Loss of a discriminator from its logits of real and fake samples.

    - `non_saturating`: binary cross entropy on both (Goodfellow et al., 2014).
    - `hinge`: no loss for real logits above 1 and fake logits below -1 (arXiv:1705.02894).
    - `relativistic`: compares each real logit with a fake one (arXiv:1807.00734, as in R3GAN, arXiv:2501.05441).

    Args:
        kind: `non_saturating`, `hinge` or `relativistic`.
        real_logits: Logits [N, P] of real samples, float32.
        fake_logits: Logits [N, P] of fake samples, float32.

    Returns:
        Scalar float32 loss >= 0, averaged over the logits.
    """
    if kind == "hinge":
        real = tf.reduce_mean(tf.nn.relu(1 - real_logits))
        return real + tf.reduce_mean(tf.nn.relu(1 + fake_logits))
    if kind == "relativistic":
        return tf.reduce_mean(tf.nn.softplus(fake_logits - real_logits))
    real = tf.reduce_mean(tf.nn.softplus(-real_logits))
    return real + tf.reduce_mean(tf.nn.softplus(fake_logits))


def generator_loss(
    kind: AdversarialLoss, real_logits: tf.Tensor, fake_logits: tf.Tensor
) -> tf.Tensor:
    """Loss of the generator from a discriminator's logits: the opposite goal of `discriminator_loss`.

    Args:
        kind: `non_saturating`, `hinge` or `relativistic`, as for the discriminator.
        real_logits: Logits [N, P] of real samples, float32. Only `relativistic` uses them.
        fake_logits: Logits [N, P] of fake samples, float32.

    Returns:
        Scalar float32 loss, averaged over the logits. Only `hinge` can be negative.
    """
    if kind == "hinge":
        return -tf.reduce_mean(fake_logits)
    if kind == "relativistic":
        return tf.reduce_mean(tf.nn.softplus(real_logits - fake_logits))
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))
