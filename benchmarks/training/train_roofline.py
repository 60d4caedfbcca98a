"""Measures the machine's limit: the speed of MoCoGAN's convolutions alone, in TensorFlow.

    python -m benchmarks.training.train_roofline

Prints one JSON line with the GFLOP/s of conv2d, conv3d and both gradients of conv3d. They run in bfloat16, with shapes
from the paper's networks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_WARM_UP, _CALLS = 2, 6


def convolution_rates(dtype: tf.DType, shrink: int = 1) -> dict[str, float]:
    """GFLOP/s of `conv2d`, `conv3d` and `conv3d_backward`, each the mean of six calls after a warm-up.

    conv2d has 4x4 kernels, stride 2, and 128 to 256 channels. conv3d has 4x4x4 kernels, stride (1, 2, 2), and 64 to 128
    channels. conv3d_backward computes both gradients of conv3d. `shrink` divides the number of samples.
    """
    frames, clips = 128 // shrink, 8 // shrink
    x2 = _normal([frames, 32, 32, 128], dtype)
    kernel2 = _normal([4, 4, 128, 256], dtype)
    x3 = _normal([clips, 16, 32, 32, 64], dtype)
    kernel3 = _normal([4, 4, 4, 64, 128], dtype)
    of_conv2d = 2 * frames * 16 * 16 * 256 * 16 * 128
    of_conv3d = 2 * clips * 16 * 16 * 16 * 128 * 64 * 64

    def conv3d(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv3d(x, kernel, [1, 1, 2, 2, 1], "SAME")

    def conv3d_backward(x: tf.Tensor, kernel: tf.Tensor) -> Any:
        return tf.gradients(tf.reduce_sum(conv3d(x, kernel)), [x, kernel])

    return {
        "conv2d": _rate(lambda x, k: tf.nn.conv2d(x, k, 2, "SAME"), (x2, kernel2), of_conv2d),
        "conv3d": _rate(conv3d, (x3, kernel3), of_conv3d),
        "conv3d_backward": _rate(conv3d_backward, (x3, kernel3), 2 * of_conv3d),
    }


def _normal(shape: Sequence[int], dtype: tf.DType) -> tf.Tensor:
    return tf.cast(tf.random.normal(shape), dtype)


def _rate(function: Callable[..., Any], arguments: Sequence[tf.Tensor], flops: int) -> float:
    traced = tf.function(function)
    for _ in range(_WARM_UP):
        traced(*arguments)
    start = time.perf_counter()
    for _ in range(_CALLS):
        made = traced(*arguments)
    tf.nest.map_structure(lambda tensor: tensor.numpy(), made)
    return flops * _CALLS / (time.perf_counter() - start) / 1e9


if __name__ == "__main__":
    print(json.dumps(convolution_rates(tf.bfloat16)))
