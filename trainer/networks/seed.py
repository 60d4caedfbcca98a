"""The networks of the document that this project is based on: a GRU fed with z_content, one video discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks.blocks.conv import Conv3D
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.fused import leaky_relu
from mocogan.trainer.networks.blocks.gru import GRU
from mocogan.trainer.networks.blocks.initializers import he_normal, unit_gain_normal
from mocogan.trainer.networks.blocks.upsampling import ConvTranspose2D
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.discriminator import Logits, Noise, split_logits
from mocogan.trainer.networks.latents import Latents, LatentSampler, repeat_over_frames
from mocogan.trainer.runtime.randomness import RandomStream


class Generator(ClipGenerator):
    """Latents -> clips. z_motion(t) is a function of z_content, so content and motion are not separate."""

    def __init__(self, random: RandomStream, *, config: ModelConfig, size: int) -> None:
        super().__init__()
        config.check_size(size)
        units = 2 * config.base_channels
        self.gru = GRU(random, inputs=config.dim_z_content, units=units)
        self.motion_output = Dense(
            random, inputs=units, outputs=config.dim_z_motion, init=unit_gain_normal
        )
        self.frames = FrameGenerator(
            random, inputs=config.dim_z_motion, size=size, base_channels=config.base_channels
        )
        self._units = units
        # The motion noise and the first state have no effect.
        self.sample_latents = LatentSampler(
            dim_z_content=config.dim_z_content,
            dim_motion_noise=config.dim_z_motion,
            gru_units=config.dim_z_motion,
        )

    def z_motion(self, latents: Latents) -> tf.Tensor:
        content = repeat_over_frames(latents.z_content, latents.num_frames)
        return self.motion_output(self.gru(content, tf.zeros([tf.shape(content)[0], self._units])))

    def draw(
        self, latents: Latents, z_motion: tf.Tensor, training: bool, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        num_frames = z_motion.shape[1]
        frames = self.frames(tf.cast(tf.reshape(z_motion, [-1, z_motion.shape[2]]), dtype))
        return tf.reshape(frames, [-1, num_frames, *frames.shape[1:]])


class FrameGenerator(tf.Module):
    """A dense layer to size / 8, three transposed convolutions, then tanh. There is no normalization."""

    def __init__(self, random: RandomStream, *, inputs: int, size: int, base_channels: int) -> None:
        super().__init__()
        channels = [4 * base_channels, 2 * base_channels, base_channels]
        self._square = [size // 8, size // 8, channels[0]]
        self.project = Dense(
            random,
            inputs=inputs,
            outputs=(size // 8) ** 2 * channels[0],
            init=unit_gain_normal,
        )
        self.upsamplings = [
            ConvTranspose2D(random, inputs=before, outputs=after, init=unit_gain_normal)
            for before, after in pairwise([*channels, 3])
        ]

    def __call__(self, z: tf.Tensor) -> tf.Tensor:
        """[N, Dz] -> [N, size, size, 3] float32 in [-1, 1]; computes in the dtype of z."""
        x = tf.reshape(self.project(z), [-1, *self._square])
        for number, upsampling in enumerate(self.upsamplings):
            x = upsampling(tf.nn.relu(x) if number else x)
        return tf.tanh(tf.cast(x, tf.float32))


class VideoDiscriminator(tf.Module):
    """Two 3-D convolutions, then one logit for the whole clip."""

    def __init__(
        self, random: RandomStream, *, config: ModelConfig, clip_shape: Sequence[int]
    ) -> None:
        super().__init__()
        num_frames, size = clip_shape[0], clip_shape[1]
        spectral_norm = config.discriminator_norm == "spectral"
        channels = [3, config.base_channels, 2 * config.base_channels]
        self.convolutions = [
            Conv3D(
                random, inputs=before, outputs=after, init=he_normal, spectral_norm=spectral_norm
            )
            for before, after in pairwise(channels)
        ]
        self._features = num_frames * (size // 4) ** 2 * channels[-1]
        self.head = Dense(
            random,
            inputs=self._features,
            outputs=1,
            init=unit_gain_normal,
            spectral_norm=spectral_norm,
        )

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """[N, T, H, W, 3] float32 in [-1, 1] -> Logits; the convolutions compute in `dtype`."""
        x = tf.cast(x, dtype)
        x = noise.add(x) if noise else x
        for convolution in self.convolutions:
            x = leaky_relu(convolution(x))
        return split_logits(self.head(tf.reshape(x, [-1, self._features])))
