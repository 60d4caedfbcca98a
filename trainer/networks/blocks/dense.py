"""A dense layer, and what all layers with weights share.

Keras 3 layers inside a `tf.Module` report no variables. A layer here computes in the dtype of its input while its
weights stay float32, so one network serves bfloat16 training and float32 export.
"""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.initializers import Initializer
from mocogan.trainer.networks.blocks.spectral_norm import SpectralNorm
from mocogan.trainer.runtime.randomness import RandomStream


class WeightedLayer(tf.Module):
    """A kernel, spectral norm of the kernel if wanted, and a bias if wanted."""

    def __init__(
        self,
        random: RandomStream,
        *,
        kernel: tf.Tensor,
        outputs: int,
        use_bias: bool = True,
        spectral_norm: bool = False,
    ) -> None:
        """`kernel`: initial values, float32; `outputs`: length of the bias."""
        super().__init__()
        self.kernel = tf.Variable(kernel, name="kernel")
        self.norm = SpectralNorm(random, kernel=self.kernel) if spectral_norm else None
        self.bias = tf.Variable(tf.zeros([outputs]), name="bias") if use_bias else None

    def weights(self, dtype: tf.DType) -> tf.Tensor:
        """The kernel, normalized if wanted, in `dtype`."""
        return tf.cast(self.norm() if self.norm else self.kernel, dtype)

    def add_bias(self, x: tf.Tensor) -> tf.Tensor:
        """x plus the bias, if there is one; same shape and dtype."""
        return x if self.bias is None else tf.nn.bias_add(x, tf.cast(self.bias, x.dtype))


class Dense(WeightedLayer):
    """[B, inputs] -> [B, outputs]."""

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
        super().__init__(
            random,
            kernel=init(random, [inputs, outputs], inputs),
            outputs=outputs,
            use_bias=use_bias,
            spectral_norm=spectral_norm,
        )

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self.add_bias(tf.matmul(x, self.weights(x.dtype)))
