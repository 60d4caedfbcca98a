"""The discriminators: D_I sees single frames, D_V whole clips; both judge patches (MoCoGAN, section 3.2)."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, Protocol

import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.blocks.factored_convolution import FactoredConvolution
from mocogan.trainer.networks.blocks.fused import halve, leaky_relu, noisy, noisy_leaky_relu
from mocogan.trainer.networks.blocks.layers import (
    BatchNorm,
    ClipConvolution,
    Dense,
    FrameConvolution,
    dcgan_normal,
    he_normal,
    unit_gain_normal,
)
from mocogan.trainer.networks.blocks.spectral_norm import SpectralNorm
from mocogan.trainer.runtime.randomness import RandomStream

_SHORTEST_VALID_CLIP = 13  # four convolutions of 4 frames without padding leave 1 of 13


class Judgement(NamedTuple):
    """What a discriminator says of N clips or frames; float32."""

    logits: tf.Tensor  # [N, P], one a patch; positive: real
    category_logits: tf.Tensor  # [N, K]; K = 0 without categories


class Noise:
    """Noise on what a discriminator sees: its input, or the input of each convolution (`blocks.fused`)."""

    def __init__(self, sigma: float | tf.Tensor, every_layer: bool, random: RandomStream) -> None:
        """`sigma`: the noise's deviation; a plain 0 costs nothing."""
        self._sigma = tf.convert_to_tensor(sigma, tf.float32)
        self._none = not tf.is_tensor(sigma) and sigma == 0
        self._every_layer = every_layer
        self._random = random

    def on_input(self, x: tf.Tensor) -> tf.Tensor:
        """The input with its noise; same shape and dtype."""
        if self._none:
            return x
        return noisy(x, self._random.key(), self._random.first_number(x), self._sigma)

    def on_features(self, x: tf.Tensor) -> tf.Tensor:
        """leaky_relu of the features, with their noise; same shape and dtype."""
        if self._none or not self._every_layer:
            return leaky_relu(x)
        first = self._random.first_number(x)
        return noisy_leaky_relu(x, self._random.key(), first, self._sigma)


def noise_sigma(hyperparameters: HyperParameters, step: tf.Tensor) -> float | tf.Tensor:
    """The noise's deviation at a step, an int64 scalar: it falls linearly, if at all (arXiv:1610.04490)."""
    sigma, steps = hyperparameters.instance_noise, hyperparameters.noise_decay_steps
    if sigma == 0 or steps == 0:
        return sigma
    return sigma * tf.maximum(1 - tf.cast(step, tf.float32) / steps, 0)


class Layer(Protocol):
    """Maps a tensor to a tensor of the same dtype."""

    def __call__(self, x: tf.Tensor) -> tf.Tensor: ...


class Discriminator(tf.Module):
    """Convolutions with leaky ReLUs between them, then a head that gives 1 + K values a patch."""

    def __init__(
        self,
        convolutions: list[Layer],
        norms: list[BatchNorm],
        head: Layer,
        halved: bool = False,
        differences: bool = False,
        steadiness: Steadiness | None = None,
    ) -> None:
        """`norms`: of all convolutions but the first, or none; `halved`: clips are seen at half their
        size; `differences`: see `with_differences`; `steadiness`: what it says is added to the logits."""
        super().__init__()
        self._halved = halved
        self._differences = differences
        self.convolutions = convolutions
        self.norms = norms
        self.head = head
        self.steadiness = steadiness

    def __call__(
        self, x: tf.Tensor, noise: Noise | None = None, dtype: tf.DType = tf.float32
    ) -> Judgement:
        """[N, ..., H, W, 3] float32 in [-1, 1] -> Judgement; `dtype` is that of the convolutions."""
        x = tf.cast(x, dtype)
        x = halve_frames(x) if self._halved else x
        x = noise.on_input(x) if noise else x
        # After the noise, or these would tell more than the frames do.
        steadiness = self.steadiness(x) if self.steadiness else 0.0
        x = with_differences(x) if self._differences else x
        for number, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if number and self.norms:
                x = self.norms[number - 1](x, training=True)
            x = noise.on_features(x) if noise else leaky_relu(x)
        x = self.head(x)
        values = tf.cast(tf.reshape(x, [tf.shape(x)[0], -1, x.shape[-1]]), tf.float32)
        return Judgement(values[..., 0] + steadiness, tf.reduce_mean(values[..., 1:], axis=1))

    def iterate_norms(self) -> None:
        """Lets spectral norms, if any, follow the kernels: once after each update of those."""
        for module in self.submodules:
            if isinstance(module, SpectralNorm):
                module.iterate()


class Steadiness(tf.Module):
    """Judges by how much a clip's frames differ in what they hold of each colour, wherever in the frame it lies.

    Things that move keep their colour and much of their size; convolutions, which see few frames at a time, are slow to
    teach that. A feature of single pixels, averaged over a frame, says how much there is of some colour; what is
    judged is how far each of those averages varies over the clip, in logarithms, since real clips may hardly vary.
    """

    _FEATURES = 16
    _LEAST_VARIANCE = 1e-5  # a change of all pixels by half a level of 255 has about as much

    def __init__(self, random: RandomStream, spectral_norm: bool) -> None:
        super().__init__()
        self.of_pixels = Dense(3, self._FEATURES, he_normal, random, spectral_norm=spectral_norm)
        self.judge = Dense(self._FEATURES, 1, unit_gain_normal, random, spectral_norm=spectral_norm)

    def __call__(self, clips: tf.Tensor) -> tf.Tensor:
        """[N, T, H, W, 3] -> logits [N, 1], float32."""
        _, num_frames, height, width, channels = clips.shape
        pixels = tf.reshape(tf.cast(clips, tf.float32), [-1, channels])
        features = tf.reshape(
            tf.nn.relu(self.of_pixels(pixels)), [-1, num_frames, height * width, self._FEATURES]
        )
        amounts = tf.reduce_mean(features, axis=2)
        variance = tf.math.reduce_variance(amounts, axis=1)
        return self.judge(tf.math.log1p(variance / self._LEAST_VARIANCE))


class FlatHead(tf.Module):
    """One judgement on the whole: flatten and a dense layer."""

    def __init__(
        self, inputs: int, outputs: int, random: RandomStream, spectral_norm: bool
    ) -> None:
        super().__init__()
        self.dense = Dense(inputs, outputs, unit_gain_normal, random, spectral_norm=spectral_norm)
        self._inputs = inputs

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """[N, ...] -> [N, out]."""
        return self.dense(tf.reshape(x, [-1, self._inputs]))


def build_image_discriminator(
    hyperparameters: HyperParameters, size: int, random: RandomStream
) -> Discriminator | None:
    """D_I for frames [N, size, size, 3]; None for the seed architecture, which has none."""
    if hyperparameters.architecture == "seed":
        return None
    width, spectral = hyperparameters.width, hyperparameters.spectral_norm
    batch_norm = hyperparameters.discriminator_norm == "batch"
    init = dcgan_normal if batch_norm else he_normal
    channels = [3, width, 2 * width, 4 * width]
    head: Layer = FrameConvolution(channels[-1], 1, init, random, not batch_norm, spectral)
    if hyperparameters.judgement == "whole":
        head = FlatHead(_side_left(size) ** 2 * channels[-1], 1, random, spectral)
    return Discriminator(
        [
            FrameConvolution(*pair, init, random, not batch_norm, spectral)
            for pair in pairwise(channels)
        ],
        [BatchNorm(count) for count in channels[2:]] if batch_norm else [],
        head,
    )


def build_video_discriminator(
    hyperparameters: HyperParameters,
    clip_shape: tuple[int, int, int, int],
    num_categories: int,
    random: RandomStream,
) -> Discriminator:
    """D_V for clips [N, *clip_shape]; gives K = `num_categories` category logits beside its judgement."""
    width, spectral = hyperparameters.width, hyperparameters.spectral_norm
    num_frames, size, _, _ = clip_shape
    if hyperparameters.architecture == "seed":
        return _seed_discriminator(width, num_frames, size, spectral, random)
    batch_norm = hyperparameters.discriminator_norm == "batch"
    init = dcgan_normal if batch_norm else he_normal
    differences = hyperparameters.frame_difference
    channels = [6 if differences else 3, width, 2 * width, 4 * width]
    valid = num_frames >= _SHORTEST_VALID_CLIP
    factored = hyperparameters.video_convolution == "2plus1d"
    convolution = FactoredConvolution if factored else ClipConvolution
    halved = hyperparameters.video_shrink == 2
    # Of few outputs: in two steps the middle one would have as few.
    head: Layer = ClipConvolution(
        channels[-1], 1 + num_categories, init, random, not batch_norm, valid, spectral
    )
    if hyperparameters.judgement == "whole":
        frames_left = num_frames - 9 if valid else num_frames  # each of three convolutions takes 3
        inputs = frames_left * _side_left(size // 2 if halved else size) ** 2 * channels[-1]
        head = FlatHead(inputs, 1 + num_categories, random, spectral)
    return Discriminator(
        [
            convolution(*pair, init, random, not batch_norm, valid, spectral)
            for pair in pairwise(channels)
        ],
        [BatchNorm(count) for count in channels[2:]] if batch_norm else [],
        head,
        halved=halved,
        differences=differences,
        steadiness=Steadiness(random, spectral) if hyperparameters.steadiness else None,
    )


def _seed_discriminator(
    width: int, num_frames: int, size: int, spectral_norm: bool, random: RandomStream
) -> Discriminator:
    return Discriminator(
        [
            ClipConvolution(*pair, he_normal, random, spectral_norm=spectral_norm)
            for pair in pairwise([3, width, 2 * width])
        ],
        [],
        FlatHead(num_frames * (size // 4) ** 2 * 2 * width, 1, random, spectral_norm),
    )


def _side_left(size: int) -> int:
    """Pixels of a side of `size` after three convolutions of stride 2."""
    return -(-size // 8)


def with_differences(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, H, W, C] -> [N, T, H, W, 2 C]: after each frame its difference from the frame before; 0 for the first."""
    changes = clips[:, 1:] - clips[:, :-1]
    padded = tf.pad(changes, [[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]])
    return tf.concat([clips, padded], axis=-1)


def halve_frames(x: tf.Tensor) -> tf.Tensor:
    """[..., H, W, C] -> [..., H / 2, W / 2, C], each pixel the mean of 2 x 2."""
    _, *inner, height, width, channels = x.shape
    frames = halve(tf.reshape(x, [-1, height, width, channels]))
    return tf.reshape(frames, [-1, *inner, *frames.shape[1:]])
