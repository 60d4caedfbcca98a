"""Discriminators of strided convolutions: a network for frames or clips, and the video discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3D
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.fused import halve, leaky_relu
from mocogan.trainer.networks.blocks.initializers import dcgan_normal, he_normal, unit_gain_normal
from mocogan.trainer.networks.blocks.temporal_consistency import TemporalConsistency
from mocogan.trainer.networks.discriminator import (
    SHORTEST_VALID_CLIP,
    Logits,
    Noise,
    split_logits,
)
from mocogan.trainer.networks.norms.batch_norm import BatchNorm
from mocogan.trainer.runtime.randomness import RandomStream


class ConvDiscriminator(tf.Module):
    """Three convolutions with leaky ReLUs, then 1 + K + Dt values per patch, or per frame or clip."""

    def __init__(
        self,
        random: RandomStream,
        *,
        convolution: type[Conv2D] | type[Conv3D],
        config: ModelConfig,
        inputs: int,
        width: int,
        places: int,
        num_categories: int = 0,
        dim_caption: int = 0,
        **options: bool,
    ) -> None:
        """`inputs`, `width`: channels of the input and of the first layer; `places`: pixels after the last layer.

        `options` are further arguments of `convolution`.
        """
        super().__init__()
        batch_norm = config.discriminator_norm == "batch"
        spectral_norm = config.discriminator_norm == "spectral"
        shared: dict[str, Any] = {
            "init": dcgan_normal if batch_norm else he_normal,
            "use_bias": not batch_norm,
            "spectral_norm": spectral_norm,
            **options,
        }
        channels = [inputs, width, 2 * width, 4 * width]
        self.convolutions = [
            convolution(random, inputs=before, outputs=after, **shared)
            for before, after in pairwise(channels)
        ]
        self.norms = [BatchNorm(count) for count in channels[2:]] if batch_norm else []
        self._dim_caption = dim_caption
        outputs = 1 + num_categories + dim_caption
        features = places * channels[-1]
        self._features = features if config.discriminator_output == "global" else None
        if self._features:
            self.head: Dense | Conv2D | Conv3D = Dense(
                random,
                inputs=features,
                outputs=outputs,
                init=unit_gain_normal,
                spectral_norm=spectral_norm,
            )
        else:
            self.head = convolution(random, inputs=channels[-1], outputs=outputs, **shared)

    def __call__(self, x: tf.Tensor) -> Logits:
        """[N, ..., H, W, inputs] -> Logits; computes in the dtype of x."""
        for number, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if number and self.norms:
                x = self.norms[number - 1](x, training=True)
            x = leaky_relu(x)
        if self._features:
            x = tf.reshape(x, [-1, self._features])
        return split_logits(self.head(x), self._dim_caption)


class VideoDiscriminator(tf.Module):
    """D_V: clips -> Logits with K categories. Options: half-size input, frame differences, temporal consistency."""

    def __init__(
        self,
        random: RandomStream,
        *,
        config: ModelConfig,
        clip_shape: Sequence[int],
        num_categories: int,
        dim_caption: int = 0,
    ) -> None:
        super().__init__()
        assert config.video_downsample is not None
        num_frames, size = clip_shape[0], clip_shape[1] // config.video_downsample
        valid_time = num_frames >= SHORTEST_VALID_CLIP
        frames_left = num_frames - 9 if valid_time else num_frames  # each convolution removes 3
        self.network = ConvDiscriminator(
            random,
            convolution=Conv3D,
            config=config,
            inputs=6 if config.frame_difference else 3,
            width=config.base_channels,
            places=frames_left * pixels_left(size),
            num_categories=num_categories,
            dim_caption=dim_caption,
            valid_time=valid_time,
        )
        self.temporal_consistency = None
        if config.temporal_consistency:
            self.temporal_consistency = TemporalConsistency(
                random, spectral_norm=config.discriminator_norm == "spectral"
            )
        self._downsample = config.video_downsample
        self._frame_difference = config.frame_difference

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """[N, T, H, W, 3] float32 in [-1, 1] -> Logits; the convolutions compute in `dtype`."""
        x = tf.cast(x, dtype)
        x = halve_frames(x) if self._downsample == 2 else x
        x = noise.add(x) if noise else x
        # After the noise, so that differences and variances are noisy too.
        consistency = self.temporal_consistency(x) if self.temporal_consistency else 0.0
        logits = self.network(with_differences(x) if self._frame_difference else x)
        return logits._replace(adversarial=logits.adversarial + consistency)


def with_differences(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, H, W, C] -> [N, T, H, W, 2 C]: each frame and its difference from the previous one, 0 for the first."""
    changes = clips[:, 1:] - clips[:, :-1]
    padded = tf.pad(changes, [[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]])
    return tf.concat([clips, padded], axis=-1)


def halve_frames(x: tf.Tensor) -> tf.Tensor:
    """[..., H, W, C] -> [..., H / 2, W / 2, C]; each pixel is the mean of 2x2 pixels."""
    _, *inner, height, width, channels = x.shape
    frames = halve(tf.reshape(x, [-1, height, width, channels]))
    return tf.reshape(frames, [-1, *inner, *frames.shape[1:]])


def pixels_left(size: int) -> int:
    """Number of pixels after three convolutions of stride 2, for a frame of `size` x `size`."""
    return (-(-size // 8)) ** 2
