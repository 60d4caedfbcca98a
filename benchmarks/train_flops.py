"""What a training step has to compute, counted from the networks' shapes: its floating-point operations.

Counted are the products and sums of convolutions and matrix products, two for each weight and each position it is used
at, taps that reach over a border in full; element-wise operations, norms and optimisers are not, and neither is what
`blocks.convolution` computes beyond need. A step, as `mocogan.trainer.loop.gradients` makes it:

- the generator forward once, and backward, where each layer's two gradients cost as much as its forward pass each;
- each discriminator on the real samples: forward, all kernels' gradients, the inputs' gradients of all layers but the
  first; on the fakes the same, and for the generator's loss the inputs' gradients of all layers once more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.discriminators import Discriminator
from mocogan.trainer.networks.generator import Generator
from mocogan.trainer.state import TrainingState

Kind = Literal["conv2d", "conv3d", "conv3d_backward"]  # the rates of `benchmarks.train_roofline`


_COUNTED = {
    "r1_weight": 0,
    "r2_weight": 0,
    "discriminator_updates": 1,
    "frame_difference": False,
    "full_size_layer": False,
    "palette": 0,
    "planes": False,
    "steadiness": False,
    "upsampling": "transposed",
}


class Part(NamedTuple):
    """A part of a step and the kind of convolution whose rate it is held against."""

    name: str
    kind: Kind
    flops: int


def step_parts(
    hyperparameters: HyperParameters, state: TrainingState, batch_size: int
) -> list[Part]:
    """The parts of a step on `batch_size` clips.

    The generator's and D_I's gradients are held against the rate of conv2d forward, for want of another. Raises
    ValueError for hyper-parameters whose steps are not counted, such as penalties with their second-order gradients.
    """
    for name, counted in _COUNTED.items():
        if (value := getattr(hyperparameters, name)) != counted:
            raise ValueError(f"steps with {name}={value} are not counted; set it to {counted}")
    num_frames, size, _, channels = state.clip_shape
    of_generator = sum(generator_flops(state.generator, size, num_frames, batch_size))
    parts = [
        Part("generator, forward", "conv2d", of_generator),
        Part("generator, backward", "conv2d", 2 * of_generator),
    ]
    seen = size // hyperparameters.video_shrink
    of_video = discriminator_flops(
        state.video_discriminator, (num_frames, seen, seen, channels), batch_size
    )
    parts += _discriminator_parts("video discriminator", of_video, "conv3d", "conv3d_backward")
    if state.image_discriminator:
        frame = (size, size, channels)
        num_seen = batch_size * hyperparameters.image_frames
        of_image = discriminator_flops(state.image_discriminator, frame, num_seen)
        parts += _discriminator_parts("image discriminator", of_image, "conv2d", "conv2d")
    return parts


def ideal_seconds(parts: Sequence[Part], rates: Mapping[str, float]) -> float:
    """How long the parts take at the rates of their kinds, in GFLOP/s."""
    return sum(part.flops / (rates[part.kind] * 1e9) for part in parts)


def generator_flops(generator: Generator, size: int, num_frames: int, batch_size: int) -> list[int]:
    """Of each layer, forward: the motion's matrix products, the frames' dense layer, the transposed convolutions."""
    frames = generator.frames
    count = batch_size * num_frames
    layers = [2 * weights * count for weights in _kernels(generator.motion)]
    layers += [2 * weights * batch_size for m in frames.modulations for weights in _kernels(m)]
    layers += [2 * weights * count for weights in _kernels(frames.project)]
    side = size >> len(frames.upsamplings)
    for upsampling in frames.upsamplings:  # each input pixel meets all weights
        layers += [2 * weights * count * side**2 for weights in _kernels(upsampling)]
        side *= 2
    return layers


def discriminator_flops(
    discriminator: Discriminator, shape: Sequence[int], batch_size: int
) -> list[int]:
    """Of each layer, forward, for samples of `shape`; each output position meets all weights.

    Raises ValueError for a layer with more than one kernel.
    """
    layers = []
    shape = tuple(shape)
    for layer in (*discriminator.convolutions, discriminator.head):
        traced = tf.function(layer).get_concrete_function(tf.TensorSpec([1, *shape]))
        shape = tuple(traced.output_shapes[1:])
        kernels = _kernels(layer)
        if len(kernels) != 1:
            raise ValueError(
                f"cannot count a layer with {len(kernels)} kernels, {type(layer).__name__}: "
                "count a configuration of plain convolutions"
            )
        layers.append(2 * kernels[0] * math.prod(shape[:-1]) * batch_size)
    return layers


def _discriminator_parts(
    name: str, layers: Sequence[int], forward: Kind, backward: Kind
) -> list[Part]:
    total, but_first = sum(layers), sum(layers[1:])
    of_real, of_fakes = total + but_first, total + but_first + total
    return [
        Part(f"{name}, forward", forward, 2 * total),
        Part(f"{name}, backward", backward, of_real + of_fakes),
    ]


def _kernels(layer: tf.Module) -> list[int]:
    """How many weights each kernel of a layer has."""
    return [
        math.prod(variable.shape)
        for variable in layer.trainable_variables
        if variable.name.startswith("kernel")
    ]
