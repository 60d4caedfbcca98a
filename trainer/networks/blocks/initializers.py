"""Initial values of weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from mocogan.trainer.runtime.randomness import RandomStream

# (random stream, shape, fan-in) -> float32 tensor of that shape
Initializer = Callable[[RandomStream, Sequence[int], int], tf.Tensor]


def dcgan_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 0.02), for networks with batch norm (DCGAN, arXiv:1511.06434)."""
    return 0.02 * random.normal(shape)


def he_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 2 / fan_in), for networks without normalization (arXiv:1502.01852)."""
    return (2.0 / fan_in) ** 0.5 * random.normal(shape)


def unit_gain_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 1 / fan_in): outputs have the variance of the inputs."""
    return (1.0 / fan_in) ** 0.5 * random.normal(shape)
