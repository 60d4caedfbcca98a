"""Counts the floating-point operations of a training step from the shapes of the networks.

The count includes the products and sums of convolutions and matrix products: two per weight and position where it is
used. Taps beyond a border count in full. The count excludes element-wise operations, norms, optimizers, and redundant
work in `blocks.conv_ops`. A step has these passes:

- Generator: one forward pass and one backward pass. Each of a layer's two gradients costs as much as its forward pass.
- Each discriminator, on real samples: a forward pass, the gradients of all kernels, and the gradients of the inputs of
  all layers except the first.
- Each discriminator, on fake samples: the same, plus the gradients of all layers' inputs for the generator's loss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.networks import mocogan, seed
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.discriminator import Discriminator
from mocogan.trainer.state import TrainingState

Kind = Literal[
    "conv2d", "conv3d", "conv3d_backward"
]  # keys of `benchmarks.training.train_roofline`
Generator = mocogan.Generator | seed.Generator

_COUNTED_ARCHITECTURES = ("mocogan", "seed")


class Part(NamedTuple):
    """A part of a step, and the kind of convolution whose rate gives its ideal time."""

    name: str
    kind: Kind
    flops: int


def step_parts(config: TrainerConfig, state: TrainingState, batch_size: int) -> list[Part]:
    """The parts of a step on `batch_size` clips.

    The gradients of the generator and of the image discriminator use the forward rate of conv2d, because their own
    rates are not measured. Raises ValueError for other architectures than mocogan and seed, and for gradient penalties.
    """
    if config.model.architecture not in _COUNTED_ARCHITECTURES:
        raise ValueError(
            f"operations of architecture {config.model.architecture} cannot be counted. "
            f"Choose {' or '.join(_COUNTED_ARCHITECTURES)}"
        )
    if config.loss.r1_gamma or config.loss.r2_gamma:
        raise ValueError(
            f"operations with r1_gamma={config.loss.r1_gamma:g} and r2_gamma={config.loss.r2_gamma:g} cannot be "
            "counted. Set both to 0"
        )
    num_frames, size, _, channels = state.clip_shape
    generator = sum(generator_flops(state.generator, size, num_frames, batch_size))
    parts = [
        Part("generator, forward", "conv2d", generator),
        Part("generator, backward", "conv2d", 2 * generator),
    ]
    video = discriminator_flops(state.video_discriminator, state.clip_shape, batch_size)
    parts += _discriminator_parts("video discriminator", video, "conv3d", "conv3d_backward")
    if state.image_discriminator:
        frame = (size, size, channels)
        image = discriminator_flops(state.image_discriminator, frame, batch_size)
        parts += _discriminator_parts("image discriminator", image, "conv2d", "conv2d")
    return parts


def ideal_seconds(parts: Sequence[Part], rates: Mapping[str, float]) -> float:
    """Seconds that the parts take at the `rates` of their kinds, in GFLOP/s."""
    return sum(part.flops / (rates[part.kind] * 1e9) for part in parts)


def generator_flops(generator: Generator, size: int, num_frames: int, batch_size: int) -> list[int]:
    """Operations of the forward pass: motion, dense layer of the frames, and each transposed convolution."""
    frames = generator.frames
    count = batch_size * num_frames
    motion = sum(_kernels(generator)) - sum(_kernels(frames))
    layers = [2 * weights * count for weights in (motion, *_kernels(frames.project))]
    side = size >> len(frames.upsamplings)
    for upsampling in frames.upsamplings:  # each input pixel is used with all weights
        layers += [2 * weights * count * side**2 for weights in _kernels(upsampling)]
        side *= 2
    return layers


def discriminator_flops(
    discriminator: Discriminator, shape: Sequence[int], batch_size: int
) -> list[int]:
    """Operations of the forward pass per layer, for samples of `shape`. Each output position uses all weights."""
    assert isinstance(discriminator, mocogan.PatchDiscriminator | seed.VideoDiscriminator)
    layers = []
    shape = tuple(shape)
    for layer in (*discriminator.convolutions, discriminator.head):
        if isinstance(layer, Dense):
            shape = (math.prod(shape),)
        traced = tf.function(layer).get_concrete_function(tf.TensorSpec([1, *shape]))
        shape = tuple(traced.output_shapes[1:])
        [weights] = _kernels(layer)
        layers.append(2 * weights * math.prod(shape[:-1]) * batch_size)
    return layers


def _discriminator_parts(
    name: str, layers: Sequence[int], forward: Kind, backward: Kind
) -> list[Part]:
    total, but_first = sum(layers), sum(layers[1:])
    real, fake = total + but_first, total + but_first + total
    return [
        Part(f"{name}, forward", forward, 2 * total),
        Part(f"{name}, backward", backward, real + fake),
    ]


def _kernels(layer: tf.Module) -> list[int]:
    """The number of weights of each kernel of a layer."""
    return [
        math.prod(variable.shape)
        for variable in layer.trainable_variables
        if variable.name.startswith("kernel")
    ]
