"""Builds the networks of the chosen architecture."""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks import mocogan, moving_parts, palette, seed
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.conv_discriminators import VideoDiscriminator
from mocogan.trainer.networks.discriminator import Discriminator, ImageDiscriminator
from mocogan.trainer.runtime.randomness import RandomStream

_NETWORKS = {"moving_parts": moving_parts, "palette": palette, "mocogan": mocogan}


def build_generator(
    random: RandomStream,
    *,
    config: ModelConfig,
    clip_shape: Sequence[int],
    num_categories: int,
    dim_caption: int = 0,
) -> ClipGenerator:
    """Builds the generator of the chosen architecture.

    Args:
        random: Stream that the initial weights are drawn from.
        config: Options of the networks.
        clip_shape: Shape [T, H, W, 3] of the generated clips.
        num_categories: Number of classes K (0: no classes).
        dim_caption: Length of a caption's vector Dt (0: no captions). Only `moving_parts` and `palette` have captions.

    Returns:
        A module that maps Latents to clips [B, T, H, W, 3], float32 in [-1, 1].

    Raises:
        ValueError: The architecture cannot generate frames of this size.
    """
    size = clip_shape[1]
    if config.architecture == "seed":
        return seed.Generator(random, config=config, size=size)
    generator: ClipGenerator = _NETWORKS[config.architecture].Generator(
        random,
        config=config,
        size=size,
        num_categories=num_categories,
        **_captions(dim_caption),
    )
    return generator


def build_discriminators(
    random: RandomStream,
    *,
    config: ModelConfig,
    clip_shape: Sequence[int],
    num_categories: int,
    dim_caption: int = 0,
) -> tuple[ImageDiscriminator | None, Discriminator]:
    """Builds the discriminators of the chosen architecture.

    Args:
        random: Stream that the initial weights are drawn from.
        config: Options of the networks.
        clip_shape: Shape [T, H, W, 3] of the clips.
        num_categories: Number of classes K of the clips (0: no classes).
        dim_caption: Length of a caption's vector Dt (0: no captions). Only `moving_parts` and `palette` have captions.

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
            random,
            config=config,
            size=clip_shape[1],
            num_categories=num_categories,
            dim_caption=dim_caption,
        )
    else:
        image = palette.ImageDiscriminator(
            random, config=config, size=clip_shape[1], dim_caption=dim_caption
        )
    video = VideoDiscriminator(
        random,
        config=config,
        clip_shape=clip_shape,
        num_categories=num_categories,
        dim_caption=dim_caption,
    )
    return image, video


def _captions(dim_caption: int) -> dict[str, int]:
    """The argument for networks that can have captions. The configuration refuses captions for others."""
    return {"dim_caption": dim_caption} if dim_caption else {}
