"""Networks for things of few flat colors: the content chooses a palette, and motion draws with it.

Preset `shapes` has them. Each addition to the paper's networks is an option of `ModelConfig`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import tensorflow as tf

from mocogan.trainer.config import ModelConfig
from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3x3
from mocogan.trainer.networks.blocks.coord_planes import CoordPlanes
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.film import FiLM
from mocogan.trainer.networks.blocks.initializers import dcgan_normal
from mocogan.trainer.networks.blocks.palette import Palette
from mocogan.trainer.networks.blocks.upsampling import ResizeConv2D
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.conv_discriminators import ConvDiscriminator, pixels_left
from mocogan.trainer.networks.discriminator import (
    Logits,
    Noise,
    random_frames,
)
from mocogan.trainer.networks.latents import Latents, LatentSampler, repeat_over_frames
from mocogan.trainer.networks.mocogan import hidden_channels
from mocogan.trainer.networks.motion import MotionGenerator
from mocogan.trainer.networks.norms.batch_norm import BatchNorm
from mocogan.trainer.runtime.randomness import RandomStream

Layer = Callable[[tf.Tensor], tf.Tensor]


class Generator(ClipGenerator):
    """Latents -> clips. The GRU state is larger than in the paper; z_content enters through FiLM and a palette."""

    def __init__(
        self,
        random: RandomStream,
        *,
        config: ModelConfig,
        size: int,
        num_categories: int,
        dim_caption: int = 0,
    ) -> None:
        super().__init__()
        config.check_size(size)
        assert config.gru_units is not None
        self.motion = MotionGenerator(
            random,
            dim_z_motion=config.dim_z_motion,
            gru_units=config.gru_units,
            dim_condition=num_categories + dim_caption,
        )
        self._first_class = config.dim_z_motion  # of the frame generator's inputs
        if not config.film_layers:
            self._first_class += config.dim_z_content + dim_caption
        inputs = self._first_class
        if config.class_conditional_frames:
            inputs += num_categories
        self.frames = FrameGenerator(
            random, config=config, inputs=inputs, size=size, dim_caption=dim_caption
        )
        self._config = config
        self.sample_latents = LatentSampler(
            dim_z_content=config.dim_z_content,
            dim_motion_noise=config.dim_z_motion,
            gru_units=config.gru_units,
        )

    @property
    def class_rows(self) -> dict[str, int]:
        config = self._config
        rows = {f"motion/{self.motion.CLASS_KERNEL}": config.dim_z_motion}
        if config.class_conditional_frames:
            rows["frames/project/kernel"] = self._first_class
            for number in range(len(self.frames.planes)):
                rows[f"frames/planes/{number}/coefficients/kernel"] = self._first_class
        return rows

    def z_motion(self, latents: Latents) -> tf.Tensor:
        return self.motion(latents)

    def draw(
        self, latents: Latents, z_motion: tf.Tensor, training: bool, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        num_frames, z = z_motion.shape[1], z_motion
        content = _with_caption(self._config, latents)
        if not self._config.film_layers:
            z = tf.concat([repeat_over_frames(content, num_frames), z], axis=-1)
        if self._config.class_conditional_frames:
            z = tf.concat([z, repeat_over_frames(latents.z_category, num_frames)], axis=-1)
        flat = tf.cast(tf.reshape(z, [-1, z.shape[2]]), dtype)
        frames = self.frames(flat, content, training)
        return tf.reshape(frames, [-1, num_frames, *frames.shape[1:]])


class FrameGenerator(tf.Module):
    """Resize-convolutions from 4x4 pixels to the frame size, with coordinate planes, FiLM layers and a palette."""

    def __init__(
        self,
        random: RandomStream,
        *,
        config: ModelConfig,
        inputs: int,
        size: int,
        dim_caption: int = 0,
    ) -> None:
        super().__init__()
        channels = hidden_channels(config.base_channels, size)
        doublings = len(channels)
        if config.full_resolution_layer:
            channels.append(config.base_channels // 2)
        palette_latents, film_latents = _latent_parts(config, dim_caption)
        num_colors, film_layers = config.num_palette_colors or 0, config.film_layers or 0
        self.project = Dense(
            random, inputs=inputs, outputs=16 * channels[0], init=dcgan_normal, use_bias=False
        )
        self.norms = [BatchNorm(count) for count in channels]
        pairs = list(pairwise([*channels, 3 + num_colors]))
        self.upsamplings = [
            ResizeConv2D(random, inputs=before, outputs=after, init=dcgan_normal)
            for before, after in pairs[:doublings]
        ]
        self.full_resolution = [
            Conv3x3(random, inputs=before, outputs=after, init=dcgan_normal)
            for before, after in pairs[doublings:]
        ]
        self.palette = None
        if num_colors:
            self.palette = Palette(random, latents=palette_latents, num_colors=num_colors)
            self._start_from_the_palette()
        self.planes = [
            CoordPlanes(random, inputs=inputs, channels=count)
            for count in channels[1:]
            if config.coord_planes
        ]
        self._first_film = max(0, len(channels) - film_layers)
        self.films = [
            FiLM(random, latents=film_latents, channels=count)
            for count in channels[self._first_film :]
        ]
        self._first_channels = channels[0]
        self._residual_weight = config.palette_residual_weight

    def _start_from_the_palette(self) -> None:
        """Sets the weights of the residual to zero. Before training, each pixel is a mixture of palette colors."""
        if self.full_resolution:
            kernel = self.full_resolution[-1].kernel  # [3, 3, inputs, 3 + K]
            kernel.assign(tf.concat([tf.zeros_like(kernel[..., :3]), kernel[..., 3:]], axis=-1))
        else:
            kernel = self.upsamplings[-1].kernel  # [3, 3, 3 + K, inputs]
            kernel.assign(tf.concat([tf.zeros_like(kernel[:, :, :3]), kernel[:, :, 3:]], axis=2))

    def __call__(self, z: tf.Tensor, z_content: tf.Tensor, training: bool) -> tf.Tensor:
        """[N, Dz], [B, Dc] with N a multiple of B -> [N, H, W, 3] float32 in [-1, 1]; computes in the dtype of z.

        With captions, z_content is the result of `_with_caption`.
        """
        x = tf.reshape(self.project(z), [-1, 4, 4, self._first_channels])
        layers: list[Layer] = [*self.upsamplings, *self.full_resolution]
        for number, layer in enumerate(layers):
            if number and self.planes:
                x += self.planes[number - 1](z, x.shape[1], x.shape[2])
            x = self.norms[number](x, training)
            film = number - self._first_film
            x = layer(tf.nn.relu(x) if film < 0 else self.films[film](x, z_content))
        x = tf.cast(x, tf.float32)
        if self.palette:
            x = self._residual_weight * x[..., :3] + self.palette(x[..., 3:], z_content)
        return tf.tanh(x)


def _with_caption(config: ModelConfig, latents: Latents) -> tf.Tensor:
    """z_content and the caption's vector. With separate latents for colors, the vector is on both sides."""
    if not latents.z_caption.shape[1]:
        return latents.z_content
    before = [latents.z_caption] if config.separate_color_latents else []
    return tf.concat([*before, latents.z_content, latents.z_caption], axis=-1)


def _latent_parts(config: ModelConfig, dim_caption: int) -> tuple[slice, slice]:
    """The parts of `_with_caption` for the palette and for the FiLM layers. Both have the caption."""
    length = config.dim_z_content + dim_caption
    if not config.separate_color_latents:
        return slice(0, length), slice(0, length)
    half = config.dim_z_content // 2 + dim_caption
    return slice(0, half), slice(half, length + dim_caption)


class ImageDiscriminator(tf.Module):
    """D_I: frames [N, size, size, 3] -> Logits."""

    def __init__(
        self, random: RandomStream, *, config: ModelConfig, size: int, dim_caption: int = 0
    ) -> None:
        super().__init__()
        assert config.image_frames is not None
        self.network = ConvDiscriminator(
            random,
            convolution=Conv2D,
            config=config,
            inputs=3,
            width=config.base_channels,
            places=pixels_left(size),
            dim_caption=dim_caption,
        )
        self._frames = config.image_frames

    def select(self, clips: tf.Tensor, random: RandomStream) -> tf.Tensor:
        """[B, T, H, W, 3] -> [B * image_frames, H, W, 3]: different frames of each clip, clip after clip."""
        return random_frames(clips, self._frames, random)

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Logits:
        """[N, H, W, 3] float32 in [-1, 1] -> Logits; the convolutions compute in `dtype`."""
        x = tf.cast(x, dtype)
        return self.network(noise.add(x) if noise else x)
