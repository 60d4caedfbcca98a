"""R1 and R2: penalties on how steep a discriminator is at real and at fake samples."""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf

_GRAY_LEVEL = 2.0 / 255.0  # of values in [-1, 1]


def gradient_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor], samples: tf.Tensor
) -> tf.Tensor:
    """Half the squared slope of `discriminator` (samples -> logits [N, P]), averaged over the samples -> scalar.

    On real samples it is R1, on fake ones R2 (arXiv:1801.04406). The slope is the change of the mean of a sample's
    logits when its values, in [-1, 1], move by one gray level (root mean square). So one weight fits frames and
    clips of any size. The usual weight has to grow with the number of pixels (arXiv:2006.06676, appendix C).
    """
    with tf.GradientTape() as tape:
        tape.watch(samples)
        logits = tf.reduce_sum(tf.reduce_mean(discriminator(samples), axis=1))
    gradients = tape.gradient(logits, samples)
    axes = list(range(1, len(samples.shape)))
    values = math.prod(samples.shape[1:])
    slopes = values * tf.reduce_sum(tf.square(gradients), axis=axes) * _GRAY_LEVEL**2
    return 0.5 * tf.reduce_mean(slopes)
