"""The losses. They know no network: logits in, a scalar out; positive logits mean real."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import tensorflow as tf

_GREY_LEVEL = 2.0 / 255.0  # of values in [-1, 1]

Loss = Literal["non_saturating", "hinge", "relativistic"]


def discriminator_loss(loss: Loss, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Logits [N, P] of real and fake -> scalar.

    non_saturating: binary cross entropy on both (Goodfellow et al., 2014). hinge: real ones shall score above 1, fakes
    below -1, by how much is of no matter (arXiv:1705.02894). relativistic: the real one shall score above the fake one
    it is paired with (arXiv:1807.00734, as in R3GAN, arXiv:2501.05441).
    """
    if loss == "hinge":
        return tf.reduce_mean(tf.nn.relu(1 - real_logits)) + tf.reduce_mean(
            tf.nn.relu(1 + fake_logits)
        )
    if loss == "relativistic":
        return tf.reduce_mean(tf.nn.softplus(fake_logits - real_logits))
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(
        tf.nn.softplus(fake_logits)
    )


def generator_loss(loss: Loss, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Logits [N, P] of real and fake -> scalar: the discriminator's wish turned round; below 0 at times with hinge."""
    if loss == "hinge":
        return -tf.reduce_mean(fake_logits)
    if loss == "relativistic":
        return tf.reduce_mean(tf.nn.softplus(real_logits - fake_logits))
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


def category_loss(one_hot: tf.Tensor, category_logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of categories [N, K] -> scalar: the paper's InfoGAN term."""
    return tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=category_logits)
    )


def slope_penalty(judge: Callable[[tf.Tensor], tf.Tensor], samples: tf.Tensor) -> tf.Tensor:
    """Half the squared slope of `judge` (samples -> logits [N, P]), averaged over the samples -> scalar.

    On real samples R1, on fakes R2 (arXiv:1801.04406). The slope is by how much the mean of a sample's logits changes
    when its values, in [-1, 1], move by one grey level (root mean square): so one weight fits frames and clips of any
    size, as the usual weight, which has to grow with the pixels (arXiv:2006.06676, appendix C), does not.
    """
    with tf.GradientTape() as tape:
        tape.watch(samples)
        judged = tf.reduce_sum(tf.reduce_mean(judge(samples), axis=1))
    gradients = tape.gradient(judged, samples)
    axes = list(range(1, len(samples.shape)))
    values = math.prod(samples.shape[1:])
    slopes = values * tf.reduce_sum(tf.square(gradients), axis=axes) * _GREY_LEVEL**2
    return 0.5 * tf.reduce_mean(slopes)
