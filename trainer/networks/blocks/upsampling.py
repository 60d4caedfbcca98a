"""Layers that double height and width: a transposed convolution and a resize-convolution."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from mocogan.trainer.networks.blocks.conv_ops import (
    spread_kernel,
    upsample,
    upsample_by_four_products,
    upsample_by_product,
    upsample_in_squares,
    upsample_plainly,
)
from mocogan.trainer.networks.blocks.dense import WeightedLayer
from mocogan.trainer.networks.blocks.initializers import Initializer
from mocogan.trainer.runtime.randomness import RandomStream

_LARGE_KERNEL = 2**20  # from this many weights on, matrix products are faster than convolutions
_MEDIUM_KERNEL = 2**18  # ... and faster than the kernel gradient of a transposed convolution
_FEW_CHANNELS = 8  # layers with up to this many output channels are drawn in squares of 2x2 pixels


class ConvTranspose2D(WeightedLayer):
    """Transposed convolution, 4x4, stride 2: [N, H, W, inputs] -> [N, 2 H, 2 W, outputs]."""

    def __init__(
        self,
        random: RandomStream,
        *,
        inputs: int,
        outputs: int,
        init: Initializer,
        use_bias: bool = True,
    ) -> None:
        weights = 16 * inputs * outputs
        large = weights >= _LARGE_KERNEL
        shape = [4 * inputs, 4 * outputs] if large else [4, 4, outputs, inputs]
        # Each output pixel sees 2x2 of the 4x4 taps.
        kernel = init(random, shape, 4 * inputs)
        super().__init__(random, kernel=kernel, outputs=outputs, use_bias=use_bias)
        self._large = large
        self._upsample = _form(inputs, outputs)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = self.weights(x.dtype)
        if self._large and x.dtype == tf.float32:  # arithmetic takes longer than memory there
            return self.add_bias(upsample_by_four_products(x, kernel))
        if self._large:
            return self.add_bias(upsample_by_product(x, kernel))
        return self.add_bias(self._upsample(x, kernel))


class ResizeConv2D(WeightedLayer):
    """Repeats each pixel 2x2, then convolves 3x3 without bias: [N, H, W, inputs] -> [N, 2 H, 2 W, outputs].

    This avoids checkerboards (Odena et al., 2016, doi:10.23915/distill.00003). A transposed convolution with the 3x3
    kernel spread over 4x4 computes the same sum at the same cost.
    """

    def __init__(
        self, random: RandomStream, *, inputs: int, outputs: int, init: Initializer
    ) -> None:
        kernel = init(random, [3, 3, outputs, inputs], 9 * inputs)
        super().__init__(random, kernel=kernel, outputs=outputs, use_bias=False)
        self._upsample = _form(inputs, outputs)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._upsample(x, spread_kernel(self.weights(x.dtype)))


def _form(inputs: int, outputs: int) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """The fastest form of a transposed convolution with a kernel [4, 4, outputs, inputs]."""
    if outputs <= _FEW_CHANNELS:
        return upsample_in_squares
    return upsample if 16 * inputs * outputs >= _MEDIUM_KERNEL else upsample_plainly
