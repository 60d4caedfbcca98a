"""Chains of element-wise operations. On the CPU, XLA compiles each chain to one kernel.

TensorFlow's CPU kernels read and write the memory once per operation. The gradient of leaky ReLU and normal noise are
especially slow in bfloat16. On a GPU, TensorFlow's kernels are fast, and XLA needs parts of CUDA that its wheel lacks.
The gradients are written by hand and are compiled chains too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from mocogan.data.quiet_xla import start_xla

_SLOPE = 0.2  # of leaky ReLUs, as in the paper's discriminators
_BYTES_IN_A_HASH = 4
_PARTS = 8  # of a sum, a power of two
# A sum of four uniform bytes has the mean 4 * 127.5 and the variance 4 * (256**2 - 1) / 12.
_BYTE_SUM_MEAN = 510
_BYTE_SUM_DEVIATION = 147.80

Fused = Callable[..., Any]
Gradient = Callable[[tf.Tensor], Any]


def _fused(function: Fused) -> Fused:
    """Returns `function` of tensors, compiled to one kernel if the machine has no GPU."""

    @functools.cache
    def compiled() -> Fused:
        if tf.config.list_physical_devices("GPU"):
            return function
        start_xla()
        traced: Fused = tf.function(function, jit_compile=True, autograph=False)
        return traced

    @functools.wraps(function)
    def call(*arguments: Any) -> tf.Tensor:
        return compiled()(*arguments)

    return call


@tf.custom_gradient
def leaky_relu(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    """Slope 0.2 below zero; same shape and dtype."""
    return _leaky(x), lambda upstream: _leaky_gradient(upstream, x)


@tf.custom_gradient
def noisy_leaky_relu(
    x: tf.Tensor, key: tf.Tensor, first: tf.Tensor, sigma: tf.Tensor
) -> tuple[tf.Tensor, Gradient]:
    """`noisy` of `leaky_relu`."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None, None, None]:
        return _leaky_gradient(upstream, x), None, None, None

    return _noisy_leaky(x, key, first, sigma), gradient


@tf.custom_gradient
def noisy(
    x: tf.Tensor, key: tf.Tensor, first: tf.Tensor, sigma: tf.Tensor
) -> tuple[tf.Tensor, Gradient]:
    """x + sigma * `counted_noise`; same shape and dtype."""
    return _noisy(x, key, first, sigma), lambda upstream: (upstream, None, None, None)


@tf.custom_gradient
def palette_mix(logits: tf.Tensor, colors: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    """softmax(logits) @ colors of [B, N, K] and [B, K, 3]; float32 [B, N, 3]."""
    return _mixed(logits, colors), lambda upstream: _mixed_gradients(upstream, logits, colors)


@tf.custom_gradient
def halve(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    """[N, H, W, C] -> [N, H / 2, W / 2, C], each pixel the mean of 2 x 2."""
    return tf.nn.avg_pool2d(x, 2, 2, "VALID"), _spread


@tf.custom_gradient
def normalized_relu(
    x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: tf.Tensor
) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], Gradient]:
    """relu(scale * normalized(x) + shift), and the moments of x that normalize it.

    Args:
        x: [B, N, C]. Each channel is normalized over B and N.
        scale: [B, 1, C] float32.
        shift: [B, 1, C] float32.
        epsilon: Scalar float32, added to the variance.

    Returns:
        The result [B, N, C] in the dtype of x, then mean and variance [C], float32. The moments pass no gradient on.
    """
    y, mean, variance = _normalized_relu(x, scale, shift, epsilon)

    def gradient(
        upstream: tf.Tensor, *_: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, None]:
        moments = mean, tf.math.rsqrt(variance + epsilon)
        return *_normalized_relu_gradients(upstream, x, scale, shift, *moments), None

    return (y, mean, variance), gradient


@_fused
def _normalized_relu(
    x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    values = tf.cast(x, tf.float32)
    count = tf.cast(tf.size(x) // x.shape[-1], tf.float32)
    mean = tf.reduce_sum(_sum_of_rows(values), axis=0) / count
    square = tf.reduce_sum(_sum_of_rows(tf.square(values)), axis=0) / count
    variance = tf.maximum(square - tf.square(mean), 0.0)
    slope = scale * tf.math.rsqrt(variance + epsilon)
    y = tf.nn.relu(values * slope + (shift - mean * slope))
    return tf.cast(y, x.dtype), mean, variance


@_fused
def _normalized_relu_gradients(
    upstream: tf.Tensor,
    x: tf.Tensor,
    scale: tf.Tensor,
    shift: tf.Tensor,
    mean: tf.Tensor,
    slope: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """`slope`: of the normalization, one over the standard deviation, [C]."""
    normalized = (tf.cast(x, tf.float32) - mean) * slope
    active = normalized * scale + shift > 0
    passed = tf.where(active, tf.cast(upstream, tf.float32), 0.0)
    shift_gradient = _sum_of_rows(passed)[:, tf.newaxis]
    scale_gradient = _sum_of_rows(passed * normalized)[:, tf.newaxis]
    count = tf.cast(tf.size(x) // x.shape[-1], tf.float32)
    offset = tf.reduce_sum(scale * shift_gradient, axis=[0, 1]) / count
    product = tf.reduce_sum(scale * scale_gradient, axis=[0, 1]) / count
    x_gradient = slope * (scale * passed - offset - normalized * product)
    return tf.cast(x_gradient, x.dtype), scale_gradient, shift_gradient


def _sum_of_rows(x: tf.Tensor) -> tf.Tensor:
    """[B, N, C] -> [B, C]."""
    _, rows, channels = x.shape
    if rows is None or rows % _PARTS:
        return tf.reduce_sum(x, axis=1)
    # XLA adds whole parts with vector instructions, but sums rows one number at a time.
    parts = tf.unstack(tf.reshape(x, [-1, _PARTS, rows // _PARTS, channels]), axis=1)
    while len(parts) > 1:
        parts = [one + other for one, other in zip(parts[::2], parts[1::2], strict=True)]
    return tf.reduce_sum(parts[0], axis=1)


@_fused
def _spread(x: tf.Tensor) -> tf.Tensor:
    count, height, width, channels = x.shape
    squares = tf.reshape(x / 4, [count, height, 1, width, 1, channels])
    spread = tf.broadcast_to(squares, [count, height, 2, width, 2, channels])
    return tf.reshape(spread, [count, 2 * height, 2 * width, channels])


@_fused
def _mixed(logits: tf.Tensor, colors: tf.Tensor) -> tf.Tensor:
    weights = tf.nn.softmax(logits)
    return tf.reduce_sum(weights[..., tf.newaxis] * colors[:, tf.newaxis], axis=2)


@_fused
def _mixed_gradients(
    upstream: tf.Tensor, logits: tf.Tensor, colors: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    weights = tf.nn.softmax(logits)
    weight_gradients = tf.reduce_sum(upstream[:, :, tf.newaxis] * colors[:, tf.newaxis], axis=3)
    mean = tf.reduce_sum(weights * weight_gradients, axis=2, keepdims=True)
    color_gradients = tf.reduce_sum(weights[..., tf.newaxis] * upstream[:, :, tf.newaxis], axis=1)
    return weights * (weight_gradients - mean), color_gradients


@_fused
def _leaky(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.leaky_relu(x, _SLOPE)


@_fused
def _noisy(x: tf.Tensor, key: tf.Tensor, first: tf.Tensor, sigma: tf.Tensor) -> tf.Tensor:
    return x + tf.cast(sigma * counted_noise(x.shape, key, first), x.dtype)


@_fused
def _noisy_leaky(x: tf.Tensor, key: tf.Tensor, first: tf.Tensor, sigma: tf.Tensor) -> tf.Tensor:
    noise = tf.cast(sigma * counted_noise(x.shape, key, first), x.dtype)
    return tf.nn.leaky_relu(x, _SLOPE) + noise


@_fused
def _leaky_gradient(upstream: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    return tf.where(x > 0, upstream, _SLOPE * upstream)


def counted_noise(shape: tf.TensorShape, key: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
    """Almost normal noise with mean 0 and variance 1, float32. Element number n is a function of `key` and n.

    `key` and `first`, the number of the first element, are uint32 scalars. A part of a batch therefore has the same
    noise as in the whole batch (`RandomStream.first_number`). A 32-bit integer hash of the number (the finalizer of
    MurmurHash3) gives four bytes. Their sum is an Irwin-Hall variable, with excess kurtosis -0.3 and values up to 3.45.
    """
    count = shape.num_elements()
    numbers = tf.cast(tf.reshape(tf.range(count), shape), tf.uint32) + first
    mixed = _hash(numbers * tf.constant(0x9E3779B9, tf.uint32) + key)
    total = tf.add_n([_byte(mixed, place) for place in range(_BYTES_IN_A_HASH)])
    return tf.cast(total - _BYTE_SUM_MEAN, tf.float32) / _BYTE_SUM_DEVIATION


def _hash(x: tf.Tensor) -> tf.Tensor:
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = _shift_mixed(x, shift) * tf.constant(factor, tf.uint32)
    return _shift_mixed(x, 16)


def _shift_mixed(x: tf.Tensor, shift: int) -> tf.Tensor:
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(shift, tf.uint32)))


def _byte(x: tf.Tensor, place: int) -> tf.Tensor:
    shifted = tf.bitwise.right_shift(x, tf.constant(8 * place, tf.uint32))
    return tf.cast(tf.bitwise.bitwise_and(shifted, tf.constant(0xFF, tf.uint32)), tf.int32)
