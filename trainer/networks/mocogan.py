"""MoCoGAN as published: Tulyakov et al., CVPR 2018, arXiv:1707.04993, section 3 and the supplement's tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3D
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.fused import leaky_relu
from mocogan.trainer.networks.blocks.gru import GRU
from mocogan.trainer.networks.blocks.initializers import dcgan_normal, he_normal
from mocogan.trainer.networks.blocks.upsampling import ConvTranspose2D
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.discriminator import (
    SHORTEST_VALID_CLIP,
    Logits,
    Noise,
    random_frames,
    split_logits,
)
from mocogan.trainer.networks.latents import (
    Latents,
    LatentSampler,
    noise_and_category,
    repeat_over_frames,
)
from mocogan.trainer.networks.norms.batch_norm import BatchNorm
from mocogan.trainer.runtime.randomness import RandomStream


class Generator(ClipGenerator):
    """Latents -> clips. A GRU produces z_motion(t). Each frame is generated from [z_content, z_motion(t)]."""

    def __init__(
        self, random: RandomStream, *, config: ModelConfig, size: int, num_categories: int
    ) -> None:
        super().__init__()
        config.check_size(size)
        dim_z_motion = config.dim_z_motion
        self.gru = GRU(random, inputs=dim_z_motion + num_categories, units=dim_z_motion)
        inputs = config.dim_z_content + dim_z_motion
        if config.class_conditional_frames:
            inputs += num_categories
        self.frames = FrameGenerator(
            random, inputs=inputs, size=size, base_channels=config.base_channels
        )
        self._class_conditional_frames = config.class_conditional_frames
        self.sample_latents = LatentSampler(
            dim_z_content=config.dim_z_content,
            dim_motion_noise=dim_z_motion,
            gru_units=dim_z_motion,
        )

    @property
    def class_rows(self) -> dict[str, int]:
        dims = self.sample_latents
        rows = {"gru/inputs_projection/kernel": dims.dim_motion_noise}
        if self._class_conditional_frames:
            rows["frames/project/kernel"] = dims.dim_z_content + dims.dim_motion_noise
        return rows

    def z_motion(self, latents: Latents) -> tf.Tensor:
        return self.gru(noise_and_category(latents), latents.first_state)

    def draw(
        self, latents: Latents, z_motion: tf.Tensor, training: bool, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        num_frames = z_motion.shape[1]
        z = tf.concat([repeat_over_frames(latents.z_content, num_frames), z_motion], axis=-1)
        if self._class_conditional_frames:
            z = tf.concat([z, repeat_over_frames(latents.z_category, num_frames)], axis=-1)
        frames = self.frames(tf.cast(tf.reshape(z, [-1, z.shape[2]]), dtype), training)
        return tf.reshape(frames, [-1, num_frames, *frames.shape[1:]])


class FrameGenerator(tf.Module):
    """The DCGAN generator (arXiv:1511.06434): a dense layer to 4x4 pixels, transposed convolutions, then tanh."""

    def __init__(self, random: RandomStream, *, inputs: int, size: int, base_channels: int) -> None:
        super().__init__()
        channels = hidden_channels(base_channels, size)
        init: dict[str, Any] = {"init": dcgan_normal, "use_bias": False}
        self.project = Dense(random, inputs=inputs, outputs=16 * channels[0], **init)
        self.norms = [BatchNorm(count) for count in channels]
        self.upsamplings = [
            ConvTranspose2D(random, inputs=before, outputs=after, **init)
            for before, after in pairwise([*channels, 3])
        ]
        self._first_channels = channels[0]

    def __call__(self, z: tf.Tensor, training: bool) -> tf.Tensor:
        """[N, Dz] -> [N, size, size, 3] float32 in [-1, 1]; computes in the dtype of z."""
        x = tf.reshape(self.project(z), [-1, 4, 4, self._first_channels])
        for norm, upsampling in zip(self.norms, self.upsamplings, strict=True):
            x = upsampling(tf.nn.relu(norm(x, training)))
        return tf.tanh(tf.cast(x, tf.float32))


class PatchDiscriminator(tf.Module):
    """Convolutions with noise on the input of each. The output has 1 + K values per patch (section 3.2)."""

    def __init__(
        self,
        random: RandomStream,
        *,
        convolution: type[Conv2D] | type[Conv3D],
        config: ModelConfig,
        num_categories: int = 0,
        **options: bool,
    ) -> None:
        """`options` are further arguments of `convolution`."""
        super().__init__()
        batch_norm = config.discriminator_norm == "batch"
        shared: dict[str, Any] = {
            "init": dcgan_normal if batch_norm else he_normal,
            "use_bias": not batch_norm,
            "spectral_norm": config.discriminator_norm == "spectral",
            **options,
        }
        width = config.base_channels
        channels = [3, width, 2 * width, 4 * width]
        self.convolutions = [
            convolution(random, inputs=before, outputs=after, **shared)
            for before, after in pairwise(channels)
        ]
        self.head = convolution(random, inputs=channels[-1], outputs=1 + num_categories, **shared)
        self.norms = [BatchNorm(count) for count in channels[2:]] if batch_norm else []

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """[N, ..., H, W, 3] float32 in [-1, 1] -> Logits; the convolutions compute in `dtype`."""
        x = tf.cast(x, dtype)
        x = noise.add(x) if noise else x
        for number, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if number and self.norms:
                x = self.norms[number - 1](x, training=True)
            x = noise.add_to_leaky_relu(x) if noise else leaky_relu(x)
        return split_logits(self.head(x))


class ImageDiscriminator(PatchDiscriminator):
    """D_I: frames [N, H, W, 3] -> Logits without categories."""

    def __init__(self, random: RandomStream, *, config: ModelConfig) -> None:
        super().__init__(random, convolution=Conv2D, config=config)

    def select(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        """[B, T, H, W, 3] -> [B, H, W, 3]: a frame of each clip (equation 7)."""
        return random_frames(clips, 1, random)


class VideoDiscriminator(PatchDiscriminator):
    """D_V: clips [N, T, H, W, 3] -> Logits with K categories."""

    def __init__(
        self,
        random: RandomStream,
        *,
        config: ModelConfig,
        clip_shape: Sequence[int],
        num_categories: int,
    ) -> None:
        super().__init__(
            random,
            convolution=Conv3D,
            config=config,
            num_categories=num_categories,
            valid_time=clip_shape[0] >= SHORTEST_VALID_CLIP,
        )


def hidden_channels(base_channels: int, size: int) -> list[int]:
    """Channels at 4x4 pixels and after each doubling up to size / 2, at most 8 * `base_channels`."""
    doublings = (size // 4).bit_length() - 1
    return [base_channels * min(8, 2**left) for left in reversed(range(doublings))]
