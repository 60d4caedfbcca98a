"""Builds the networks of the chosen architecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks import mocogan, moving_parts, palette, seed
from mocogan.trainer.networks.conv_discriminators import VideoDiscriminator
from mocogan.trainer.networks.discriminator import Discriminator, ImageDiscriminator
from mocogan.trainer.networks.latents import Latents, LatentSampler
from mocogan.trainer.runtime.randomness import RandomStream

_NETWORKS = {"moving_parts": moving_parts, "palette": palette, "mocogan": mocogan}


class Generator(Protocol):
    """Interface of the generators of all architectures; they are `tf.Module`s."""

    sample_latents: LatentSampler

    @property
    def variables(self) -> tuple[tf.Variable, ...]: ...

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]: ...

    def __call__(self, latents: Latents, training: bool, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """-> [B, T, H, W, 3] float32 in [-1, 1]; the convolutions compute in `dtype`."""


def build_generator(
    random: RandomStream, *, config: ModelConfig, clip_shape: Sequence[int], num_categories: int
) -> Generator:
    """Builds the generator of the chosen architecture.

    Args:
        random: Stream that the initial weights are drawn from.
        config: Options of the networks.
        clip_shape: Shape [T, H, W, 3] of the generated clips.
        num_categories: Number of classes K (0: no classes).

    Returns:
        A module that maps Latents to clips [B, T, H, W, 3], float32 in [-1, 1].

    Raises:
        ValueError: The architecture cannot generate frames of this size.
    """
    size = clip_shape[1]
    if config.architecture == "seed":
        return seed.Generator(random, config=config, size=size)
    generator: Generator = _NETWORKS[config.architecture].Generator(
        random, config=config, size=size, num_categories=num_categories
    )
    return generator


def build_discriminators(
    random: RandomStream, *, config: ModelConfig, clip_shape: Sequence[int], num_categories: int
) -> tuple[ImageDiscriminator | None, Discriminator]:
    """Builds the discriminators of the chosen architecture.

    Args:
        random: Stream that the initial weights are drawn from.
        config: Options of the networks.
        clip_shape: Shape [T, H, W, 3] of the clips.
        num_categories: Number of classes K of the clips (0: no classes).

    Returns:
        The image discriminator (None for architecture `seed`) and the video discriminator. Clips are float32 in
        [-1, 1], outputs are Logits.
    """
    if config.architecture == "seed":
        return None, seed.VideoDiscriminator(random, config=config, clip_shape=clip_shape)
    if config.architecture == "mocogan":
        return mocogan.ImageDiscriminator(random, config=config), mocogan.VideoDiscriminator(
            random, config=config, clip_shape=clip_shape, num_categories=num_categories
        )
    image: ImageDiscriminator
    if config.architecture == "moving_parts":
        image = moving_parts.ImageDiscriminator(
            random, config=config, size=clip_shape[1], num_categories=num_categories
        )
    else:
        image = palette.ImageDiscriminator(random, config=config, size=clip_shape[1])
    video = VideoDiscriminator(
        random, config=config, clip_shape=clip_shape, num_categories=num_categories
    )
    return image, video
