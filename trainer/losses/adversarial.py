"""Adversarial losses. They know no network: logits in, a scalar out; positive logits mean real."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.config import AdversarialLoss


def discriminator_loss(
    kind: AdversarialLoss, real_logits: tf.Tensor, fake_logits: tf.Tensor
) -> tf.Tensor:
    """Logits [N, P] of real and fake samples -> scalar.

    non_saturating: binary cross entropy on both (Goodfellow et al., 2014).
    hinge: real logits above 1 and fake ones below -1 cost nothing (arXiv:1705.02894).
    relativistic: each real logit is compared with a fake one (arXiv:1807.00734, as in R3GAN, arXiv:2501.05441).
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
    """Logits [N, P] of real and fake samples -> scalar: the opposite goal; hinge can be negative."""
    if kind == "hinge":
        return -tf.reduce_mean(fake_logits)
    if kind == "relativistic":
        return tf.reduce_mean(tf.nn.softplus(real_logits - fake_logits))
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))
