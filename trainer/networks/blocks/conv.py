"""Convolutions: 4x4 for frames and 4x4x4 for clips, which halve height and width, and 3x3, which keeps them.

Layers with few input channels or a large kernel compute the same sum in another form (`conv_ops`). A CPU runs this form
several times as fast. The form depends on the shape of the layer, not on the device, so checkpoints work on any device.
"""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.conv_ops import convolve_clips, fold
from mocogan.trainer.networks.blocks.dense import WeightedLayer
from mocogan.trainer.networks.blocks.initializers import Initializer
from mocogan.trainer.runtime.randomness import RandomStream

_FEW_CHANNELS = 8  # layers with up to this many input channels are folded
_LARGE_KERNEL = 2**20  # from this many weights on, matrix products are faster than convolutions


class Conv2D(WeightedLayer):
    """4x4, stride 2: [N, H, W, inputs] -> [N, ceil(H / 2), ceil(W / 2), outputs]."""

    def __init__(
        self,
        random: RandomStream,
        *,
        inputs: int,
        outputs: int,
        init: Initializer,
        use_bias: bool = True,
        spectral_norm: bool = False,
    ) -> None:
        folded = inputs <= _FEW_CHANNELS
        shape = [2, 2, 4 * inputs, outputs] if folded else [4, 4, inputs, outputs]
        super().__init__(
            random,
            kernel=init(random, shape, 16 * inputs),
            outputs=outputs,
            use_bias=use_bias,
            spectral_norm=spectral_norm,
        )
        self._folded = folded

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = self.weights(x.dtype)
        if self._folded:
            return self.add_bias(tf.nn.conv2d(fold(x), kernel, strides=1, padding="VALID"))
        return self.add_bias(tf.nn.conv2d(x, kernel, strides=2, padding="SAME"))


class Conv3D(WeightedLayer):
    """4x4x4, stride (1, 2, 2): [B, T, H, W, inputs] -> [B, T', ceil(H / 2), ceil(W / 2), outputs].

    T' = T, or T - 3 with `valid_time`.
    """

    def __init__(
        self,
        random: RandomStream,
        *,
        inputs: int,
        outputs: int,
        init: Initializer,
        valid_time: bool = False,
        use_bias: bool = True,
        spectral_norm: bool = False,
    ) -> None:
        large = 64 * inputs * outputs >= _LARGE_KERNEL
        folded = inputs <= _FEW_CHANNELS or large
        shape = [4, 2, 2, 4 * inputs, outputs] if folded else [4, 4, 4, inputs, outputs]
        super().__init__(
            random,
            kernel=init(random, shape, 64 * inputs),
            outputs=outputs,
            use_bias=use_bias,
            spectral_norm=spectral_norm,
        )
        self._large = large
        self._folded = folded
        self._valid_time = valid_time

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = self.weights(x.dtype)
        in_time = [0, 0] if self._valid_time else [1, 2]
        if not self._folded:
            # One pad for all axes: without gradients, TensorFlow 2.16's graph optimizer drops one of two pads in a row.
            x = tf.pad(x, [[0, 0], in_time, _same(x.shape[2]), _same(x.shape[3]), [0, 0]])
            return self.add_bias(tf.nn.conv3d(x, kernel, [1, 1, 2, 2, 1], "VALID"))
        if not self._valid_time:
            x = tf.pad(x, [[0, 0], in_time, [0, 0], [0, 0], [0, 0]])
        if self._large:
            return self.add_bias(convolve_clips(fold(x), kernel))
        return self.add_bias(tf.nn.conv3d(fold(x), kernel, [1] * 5, "VALID"))


class Conv3x3(WeightedLayer):
    """3x3, stride 1, without bias: [N, H, W, inputs] -> [N, H, W, outputs]."""

    def __init__(
        self, random: RandomStream, *, inputs: int, outputs: int, init: Initializer
    ) -> None:
        kernel = init(random, [3, 3, inputs, outputs], 9 * inputs)
        super().__init__(random, kernel=kernel, outputs=outputs, use_bias=False)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(x, self.weights(x.dtype), strides=1, padding="SAME")


def _same(size: int) -> list[int]:
    """Padding before and after one axis that `SAME` gives a convolution of width 4 and stride 2."""
    total = max((-(-size // 2) - 1) * 2 + 4 - size, 0)
    return [total // 2, total - total // 2]
