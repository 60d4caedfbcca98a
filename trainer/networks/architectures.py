"""Builds the networks of the chosen architecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks import extended, mocogan, seed
from mocogan.trainer.networks.discriminator import Discriminator
from mocogan.trainer.networks.latents import Latents, LatentSampler
from mocogan.trainer.runtime.randomness import RandomStream


class Generator(Protocol):
    """A generator of any architecture; a `tf.Module`."""

    sample_latents: LatentSampler

    @property
    def variables(self) -> tuple[tf.Variable, ...]: ...

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]: ...

    def __call__(self, latents: Latents, training: bool, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """-> [B, T, H, W, 3] float32 in [-1, 1]; `dtype` is that of the convolutions."""


def build_generator(
    random: RandomStream, *, config: ModelConfig, clip_shape: Sequence[int], num_categories: int
) -> Generator:
    """The generator of clips of `clip_shape` [T, H, W, 3] with K = `num_categories` classes.

    Raises ValueError for a size that the architecture cannot draw.
    """
    size = clip_shape[1]
    if config.architecture == "seed":
        return seed.Generator(random, config=config, size=size)
    networks = mocogan if config.architecture == "mocogan" else extended
    return networks.Generator(random, config=config, size=size, num_categories=num_categories)


def build_discriminators(
    random: RandomStream, *, config: ModelConfig, clip_shape: Sequence[int], num_categories: int
) -> tuple[Discriminator | None, Discriminator]:
    """The image discriminator, None where the architecture has none, and the video discriminator."""
    if config.architecture == "seed":
        return None, seed.VideoDiscriminator(random, config=config, clip_shape=clip_shape)
    networks = mocogan if config.architecture == "mocogan" else extended
    image = networks.ImageDiscriminator(random, config=config, size=clip_shape[1])
    video = networks.VideoDiscriminator(
        random, config=config, clip_shape=clip_shape, num_categories=num_categories
    )
    return image, video
