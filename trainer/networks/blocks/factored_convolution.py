"""A convolution of clips in two: in space, then in time ((2+1)D, arXiv:1711.11248)."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.fused import leaky_relu
from mocogan.trainer.networks.blocks.layers import FrameConvolution, Initializer, TimeConvolution
from mocogan.trainer.runtime.randomness import RandomStream


class FactoredConvolution(tf.Module):
    """As `ClipConvolution`: [B, T, H, W, in] -> [B, T', ceil(H / 2), ceil(W / 2), out], T' = T or T - 3.

    4x4 with stride 2 in space, leaky ReLU, 4 in time: 16 in out + 4 out out weights in place of 64 in out.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
        valid_time: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        self.space = FrameConvolution(inputs, outputs, init, random, bias, spectral_norm)
        self.time = TimeConvolution(outputs, outputs, init, random, bias, valid_time, spectral_norm)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        num_frames = x.shape[1]
        frames = leaky_relu(self.space(tf.reshape(x, [-1, *x.shape[2:]])))
        return self.time(tf.reshape(frames, [-1, num_frames, *frames.shape[1:]]))
