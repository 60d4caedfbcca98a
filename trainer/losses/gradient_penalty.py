"""R1 and R2: penalties on the slope of a discriminator at real and at fake samples."""

from __future__ import annotations

import math
from collections.abc import Callable

import tensorflow as tf

_GRAY_LEVEL = 2.0 / 255.0  # for values in [-1, 1]


def gradient_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor], samples: tf.Tensor
) -> tf.Tensor:
    """Half the squared slope of a discriminator, averaged over the samples.

    On real samples this is the R1 penalty, on fake samples the R2 penalty (arXiv:1801.04406). The slope is the change
    of a sample's mean logit when its values move by one gray level (root mean square). So one weight fits frames and
    clips of any size. The usual weight must grow with the number of pixels (arXiv:2006.06676, appendix C).

    Args:
        discriminator: Function from samples to logits [N, P].
        samples: Frames [N, H, W, 3] or clips [N, T, H, W, 3], float32 in [-1, 1].

    Returns:
        Scalar float32 penalty >= 0, before any weight.
    """
    with tf.GradientTape() as tape:
        tape.watch(samples)
        logits = tf.reduce_sum(tf.reduce_mean(discriminator(samples), axis=1))
    gradients = tape.gradient(logits, samples)
    axes = list(range(1, len(samples.shape)))
    values = math.prod(samples.shape[1:])
    slopes = values * tf.reduce_sum(tf.square(gradients), axis=axes) * _GRAY_LEVEL**2
    return 0.5 * tf.reduce_mean(slopes)
