"""Shared parts of all discriminators: their interface, their output and noise on what they see."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import tensorflow as tf

from mocogan.trainer.networks.blocks.fused import leaky_relu, noisy, noisy_leaky_relu
from mocogan.trainer.networks.norms.spectral_norm import SpectralNorm
from mocogan.trainer.runtime.randomness import RandomStream

TICKETS = 2**24  # large enough that two frames rarely draw the same number
SHORTEST_VALID_CLIP = 13  # frames; four unpadded convolutions over 4 frames reduce 13 frames to 1


class Logits(NamedTuple):
    """A discriminator's output for N frames or clips; float32."""

    adversarial: tf.Tensor  # [N, P], one per patch; positive means real
    categories: tf.Tensor  # [N, K]; K = 0 without categories
    captions: tf.Tensor | None = None  # [N, Dt], to compare with captions; None without captions


class Discriminator(Protocol):
    """Clips [N, T, H, W, 3], float32 in [-1, 1] -> Logits. An image discriminator judges what it selects of them."""

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """The convolutions compute in `dtype`."""

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]: ...

    @property
    def variables(self) -> tuple[tf.Variable, ...]: ...

    @property
    def submodules(self) -> tuple[tf.Module, ...]: ...


class ImageDiscriminator(Discriminator, Protocol):
    """Judges frames of clips."""

    def select(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        """Draw what it judges: [B, T, H, W, 3] -> [N, H, W, C] with N a multiple of B, clip after clip."""


class Noise:
    """Noise for discriminators, close to Gaussian. A part of a batch gets the same noise as in the whole batch."""

    def __init__(self, random: RandomStream, *, stddev: float) -> None:
        self._random = random
        self._stddev = stddev

    def add(self, x: tf.Tensor) -> tf.Tensor:
        """x + noise; same shape and dtype."""
        if self._stddev == 0:
            return x
        return noisy(x, *self._arguments(x))

    def add_to_leaky_relu(self, x: tf.Tensor) -> tf.Tensor:
        """leaky_relu(x) + noise; same shape and dtype."""
        if self._stddev == 0:
            return leaky_relu(x)
        return noisy_leaky_relu(x, *self._arguments(x))

    def _arguments(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        key = self._random.key()
        return key, self._random.first_number(x), tf.constant(self._stddev, tf.float32)


def update_spectral_norms(discriminator: Discriminator) -> None:
    """Updates the spectral norms, if any. Call it once after each update of the kernels."""
    for module in discriminator.submodules:
        if isinstance(module, SpectralNorm):
            module.iterate()


def split_logits(x: tf.Tensor, dim_caption: int = 0) -> Logits:
    """Outputs of the last layer [N, ..., 1 + K + Dt] -> Logits. All but the first are averaged over the patches."""
    values = tf.cast(tf.reshape(x, [tf.shape(x)[0], -1, x.shape[-1]]), tf.float32)
    means = tf.reduce_mean(values[..., 1:], axis=1)
    if not dim_caption:
        return Logits(values[..., 0], means)
    return Logits(values[..., 0], means[:, :-dim_caption], means[:, -dim_caption:])


def random_frames(clips: tf.Tensor, count: int, random: RandomStream) -> tf.Tensor:
    """Draw `count` <= T different frames of each clip: [B, T, H, W, 3] -> [B * count, H, W, 3], clip after clip."""
    tickets = random.integers([tf.shape(clips)[0], clips.shape[1]], TICKETS)
    indices = tf.math.top_k(tickets, count).indices
    frames = tf.gather(clips, indices, axis=1, batch_dims=1)
    return tf.reshape(frames, [-1, *clips.shape[2:]])
