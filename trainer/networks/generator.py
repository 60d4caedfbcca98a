"""The generator: latents -> clips. Motion and frames are separate networks (MoCoGAN, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.blocks.fused import modulated_relu, palette_mix
from mocogan.trainer.networks.blocks.layers import (
    BatchNorm,
    Dense,
    FrameUpsampling,
    Gru,
    SameConvolution,
    dcgan_normal,
    unit_gain_normal,
)
from mocogan.trainer.runtime.randomness import RandomStream

Layer = Callable[[tf.Tensor], tf.Tensor]


class Latents(NamedTuple):
    """What a batch of clips is made from; all float32."""

    z_content: tf.Tensor  # [B, Dc]
    motion_noise: tf.Tensor  # [B, T, Dm], fresh at every frame
    first_state: tf.Tensor  # [B, units], the GRU's h_0
    z_category: tf.Tensor  # [B, K] one-hot; K = 0 without categories


class NoiseMotion(tf.Module):
    """z_motion(t) = GRU(motion_noise(t), z_category): the paper's motion, independent of the content."""

    def __init__(
        self, dim_motion: int, units: int, num_categories: int, random: RandomStream
    ) -> None:
        """`units`: of the GRU's state; where they are not `dim_motion`, a dense layer makes z_motion of it."""
        super().__init__()
        self.gru = Gru(dim_motion + num_categories, units, random)
        same = units == dim_motion
        self.output = None if same else Dense(units, dim_motion, unit_gain_normal, random)

    def __call__(self, latents: Latents) -> tf.Tensor:
        """-> z_motion [B, T, Dm]."""
        num_frames = latents.motion_noise.shape[1]
        category = tf.repeat(latents.z_category[:, tf.newaxis], num_frames, axis=1)
        states = self.gru(tf.concat([latents.motion_noise, category], axis=-1), latents.first_state)
        return self.output(states) if self.output else states


class ContentMotion(tf.Module):
    """The seed's motion: a GRU fed with z_content at every frame, then a dense layer."""

    def __init__(self, dim_content: int, units: int, dim_motion: int, random: RandomStream) -> None:
        super().__init__()
        self.gru = Gru(dim_content, units, random)
        self.output = Dense(units, dim_motion, unit_gain_normal, random)
        self._units = units

    def __call__(self, latents: Latents) -> tf.Tensor:
        """-> z_motion [B, T, Dm]."""
        num_frames = latents.motion_noise.shape[1]
        content = tf.repeat(latents.z_content[:, tf.newaxis], num_frames, axis=1)
        states = self.gru(content, tf.zeros([tf.shape(content)[0], self._units]))
        z_motion = self.output(tf.reshape(states, [-1, self._units]))
        return tf.reshape(z_motion, [-1, num_frames, z_motion.shape[1]])


class FrameGenerator(tf.Module):
    """A latent vector a frame -> frames: a dense layer to a small square, then transposed convolutions to tanh.

    With batch norm each of them is followed by norm and ReLU (DCGAN); without, as in the seed, ReLU follows the
    transposed convolutions alone.
    """

    def __init__(
        self,
        inputs: int,
        size: int,
        channels: list[int],
        batch_norm: bool,
        random: RandomStream,
        content: range = range(0),
        modulated: int = 0,
        nearest: bool = False,
        full_size: bool = False,
        planes: bool = False,
        palette: Palette | None = None,
        deviation_weight: float = 1.0,
    ) -> None:
        """`channels`: of the dense layer's square and of each hidden transposed convolution.

        `content`: what of z_content modulates the last `modulated` of these layers. `nearest`: see
        FrameUpsampling; `full_size`: the last hidden layer has the frames' size, and a 3x3 convolution makes the
        pixels; `planes`: hidden layers get `Planes`; `palette`: what pixels deviate from, by what the convolutions
        add times `deviation_weight`.
        """
        super().__init__()
        init = dcgan_normal if batch_norm else unit_gain_normal
        doublings = len(channels) - full_size
        self._square = [size >> doublings, size >> doublings, channels[0]]
        self.project = Dense(
            inputs, self._square[0] ** 2 * channels[0], init, random, not batch_norm
        )
        self.norms = [BatchNorm(count) for count in channels] if batch_norm else []
        outputs = 3 + (palette.colours if palette else 0)
        layers = list(pairwise([*channels, outputs]))
        self.upsamplings = [
            FrameUpsampling(before, after, init, random, not batch_norm, nearest)
            for before, after in layers[:doublings]
        ]
        self.at_full_size = [
            SameConvolution(before, after, init, random) for before, after in layers[doublings:]
        ]
        self.palette = palette
        self._deviation_weight = deviation_weight
        if palette:  # untrained, no pixel deviates from it
            kernel = self.at_full_size[-1].kernel if full_size else self.upsamplings[-1].kernel
            of_weights = [0.0] * 3 + [1.0] * palette.colours
            kernel.assign(kernel * tf.reshape(of_weights, [-1] if full_size else [-1, 1]))
        self.planes = [Planes(inputs, count, random) for count in channels[1:] if planes]
        self._first_modulated = max(0, len(channels) - modulated)
        self.modulations = [
            Modulation(content, count, random) for count in channels[self._first_modulated :]
        ]

    def __call__(self, z: tf.Tensor, z_content: tf.Tensor, training: bool) -> tf.Tensor:
        """[N, Dz], [B, Dc] with N a multiple of B -> [N, H, W, 3] float32 in [-1, 1]; computes in the dtype of z."""
        x = tf.reshape(self.project(z), [-1, *self._square])
        layers: list[Layer] = [*self.upsamplings, *self.at_full_size]
        for number, layer in enumerate(layers):
            if number and self.planes:
                x += self.planes[number - 1](z, x.shape[1], x.shape[2])
            if self.norms:
                x = self.norms[number](x, training)
            if number >= self._first_modulated:
                x = self.modulations[number - self._first_modulated](x, z_content)
            elif self.norms or number:
                x = tf.nn.relu(x)
            x = layer(x)
        x = tf.cast(x, tf.float32)
        if self.palette:
            x = self._deviation_weight * x[..., :3] + self.palette(x[..., 3:], z_content)
        return tf.tanh(x)


class Planes(tf.Module):
    """A plane over the frame for each channel, its slopes and height drawn from the latents.

    Transposed convolutions learn only slowly to draw a thing at a place that a vector names (arXiv:1807.03247): they
    have to spell the place out over all layers. Cut off by ReLUs, planes mark a place at once, and move with it.
    """

    def __init__(self, inputs: int, channels: int, random: RandomStream) -> None:
        super().__init__()
        self.coefficients = Dense(inputs, 3 * channels, unit_gain_normal, random)

    def __call__(self, z: tf.Tensor, height: int, width: int) -> tf.Tensor:
        """[N, Dz] -> [N, height, width, channels], in the dtype of z."""
        down, right = tf.meshgrid(
            tf.linspace(-1.0, 1.0, height), tf.linspace(-1.0, 1.0, width), indexing="ij"
        )
        places = tf.reshape(tf.stack([down, right, tf.ones_like(down)], axis=-1), [-1, 3])
        coefficients = self.coefficients(z)
        channels = coefficients.shape[1] // 3
        planes = tf.matmul(tf.cast(places, z.dtype), tf.reshape(coefficients, [-1, 3, channels]))
        return tf.reshape(planes, [-1, height, width, channels])


class Modulation(tf.Module):
    """Scales and shifts each channel by what z_content says, alike in all frames of a clip, then ReLU.

    So what does not change has a way of its own into the layers (adaptive instance normalisation's second half,
    arXiv:1812.04948, section 2; per clip as in arXiv:2112.14683).
    """

    def __init__(self, content: range, channels: int, random: RandomStream) -> None:
        """`content`: what of z_content it reads."""
        super().__init__()
        self.style = Dense(len(content), 2 * channels, unit_gain_normal, random)
        self._content = slice(content.start, content.stop)

    def __call__(self, x: tf.Tensor, z_content: tf.Tensor) -> tf.Tensor:
        """[N, H, W, C], [B, Dc] with N a multiple of B -> [N, H, W, C]."""
        style = self.style(tf.cast(z_content[:, self._content], x.dtype))[:, tf.newaxis]
        scale, shift = tf.split(style, 2, axis=-1)
        of_clips = tf.reshape(x, [tf.shape(style)[0], -1, x.shape[-1]])
        return tf.reshape(modulated_relu(of_clips, 1 + scale, shift), tf.shape(x))


class Palette(tf.Module):
    """What a clip's pixels start from: mixtures of a few colours that its z_content draws.

    Colours that come from the content alone last through the clip, wherever they move to. VGAN has two such layers, a
    foreground and a background, of pixels in place of colours (arXiv:1609.02612, section 3.2).
    """

    _GAIN = 4.0  # of small kernels: Adam's steps are of one size, and colours have some way to go before the tanh

    def __init__(self, content: range, colours: int, random: RandomStream) -> None:
        """`content`: what of z_content draws them."""
        super().__init__()
        self.colours = colours
        self.draw = Dense(len(content), 3 * colours, _quarter_gain_normal, random)
        self._content = slice(content.start, content.stop)

    def __call__(self, x: tf.Tensor, z_content: tf.Tensor) -> tf.Tensor:
        """float32 logits of the shares [N, H, W, K], [B, Dc] with N a multiple of B -> [N, H, W, 3], before tanh."""
        drawn = self._GAIN * tf.cast(self.draw(z_content[:, self._content]), tf.float32)
        colours = tf.reshape(drawn, [-1, self.colours, 3])
        logits = tf.reshape(x, [tf.shape(colours)[0], -1, self.colours])
        return tf.reshape(palette_mix(logits, colours), [-1, *x.shape[1:3], 3])


def _quarter_gain_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    return unit_gain_normal(random, shape, fan_in) / 4


class Generator(tf.Module):
    """Latents -> clips: `motion` gives z_motion(t), `frames` draws each frame from it, from z_content and, if told so,
    from z_category."""

    def __init__(
        self,
        motion: NoiseMotion | ContentMotion,
        frames: FrameGenerator,
        content_to_frames: bool,
        category_to_frames: bool = False,
    ) -> None:
        super().__init__()
        self.motion = motion
        self.frames = frames
        self._content_to_frames = content_to_frames
        self._category_to_frames = category_to_frames

    def __call__(self, latents: Latents, training: bool, dtype: tf.DType = tf.float32) -> tf.Tensor:
        """-> [B, T, H, W, 3] float32 in [-1, 1]; `dtype` is that of the convolutions."""
        z = self.motion(latents)
        num_frames = z.shape[1]
        if self._content_to_frames:
            content = tf.repeat(latents.z_content[:, tf.newaxis], num_frames, axis=1)
            z = tf.concat([content, z], axis=-1)
        if self._category_to_frames:
            category = tf.repeat(latents.z_category[:, tf.newaxis], num_frames, axis=1)
            z = tf.concat([z, category], axis=-1)
        flat = tf.cast(tf.reshape(z, [-1, z.shape[2]]), dtype)
        frames = self.frames(flat, latents.z_content, training)
        return tf.reshape(frames, [-1, num_frames, *frames.shape[1:]])


def sample_latents(
    hyperparameters: HyperParameters, num_frames: int, z_category: tf.Tensor, random: RandomStream
) -> Latents:
    """Draws N(0, I) latents for the categories [B, K]."""
    count = tf.shape(z_category)[0]
    return Latents(
        z_content=random.normal([count, hyperparameters.dim_content]),
        motion_noise=random.normal([count, num_frames, hyperparameters.dim_motion]),
        first_state=random.normal([count, hyperparameters.gru_units]),
        z_category=z_category,
    )


def build_generator(
    hyperparameters: HyperParameters, size: int, num_categories: int, random: RandomStream
) -> Generator:
    """The generator of `hyperparameters.architecture` for clips of `size` x `size` pixels.

    Raises ValueError for a size that the architecture cannot draw.
    """
    check_size(hyperparameters, size)
    width, dim_motion = hyperparameters.width, hyperparameters.dim_motion
    if hyperparameters.architecture == "seed":
        units = 2 * width
        return Generator(
            ContentMotion(hyperparameters.dim_content, units, dim_motion, random),
            FrameGenerator(dim_motion, size, [4 * width, 2 * width, width], False, random),
            content_to_frames=False,
        )
    # From 4x4 up; more than 8 times the width is only weight.
    doublings = (size // 4).bit_length() - 1
    channels = [width * min(8, 2**left) for left in reversed(range(doublings))]
    if hyperparameters.full_size_layer:
        channels.append(width // 2)
    modulated = hyperparameters.content_modulation
    inputs = dim_motion + (0 if modulated else hyperparameters.dim_content)
    if hyperparameters.category_to_frames:
        inputs += num_categories
    of_colours = of_forms = range(hyperparameters.dim_content)
    if hyperparameters.colours_apart:
        half = hyperparameters.dim_content // 2
        of_colours, of_forms = of_colours[:half], of_forms[half:]
    palette = None
    if hyperparameters.palette:
        palette = Palette(of_colours, hyperparameters.palette, random)
    return Generator(
        NoiseMotion(dim_motion, hyperparameters.gru_units, num_categories, random),
        FrameGenerator(
            inputs,
            size,
            channels,
            True,
            random,
            of_forms,
            modulated,
            hyperparameters.upsampling == "nearest",
            hyperparameters.full_size_layer,
            hyperparameters.planes,
            palette,
            hyperparameters.deviation_weight,
        ),
        content_to_frames=modulated == 0,
        category_to_frames=hyperparameters.category_to_frames,
    )


def check_size(hyperparameters: HyperParameters, size: int) -> None:
    """Raises ValueError unless the architecture can draw frames of `size` x `size` pixels."""
    if hyperparameters.architecture == "seed" and (size < 8 or size % 8):
        raise ValueError(f"the seed networks need a size that is a multiple of 8, got {size}")
    if hyperparameters.architecture == "mocogan" and (size < 8 or size & (size - 1)):
        raise ValueError(
            f"the mocogan networks need a size that is a power of two from 8 on, got {size}: "
            "set the ingest size to 32, 64 or 128"
        )
