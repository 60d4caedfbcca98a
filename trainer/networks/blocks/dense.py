"""A dense layer, and the base class of all layers with weights.

Keras layers are not used, because Keras 3 layers inside a `tf.Module` report no variables. The layers here compute in
the dtype of their input, but their weights stay float32. So one network serves bfloat16 training and float32 export.
"""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.initializers import Initializer
from mocogan.trainer.networks.norms.spectral_norm import SpectralNorm
from mocogan.trainer.runtime.randomness import RandomStream


class WeightedLayer(tf.Module):
    """A kernel with optional spectral normalization, and an optional bias."""

    def __init__(
        self,
        random: RandomStream,
        *,
        kernel: tf.Tensor,
        outputs: int,
        use_bias: bool = True,
        spectral_norm: bool = False,
    ) -> None:
        """`kernel`: initial values, float32. `outputs`: length of the bias."""
        super().__init__()
        self.kernel = tf.Variable(kernel, name="kernel")
        self.norm = SpectralNorm(random, kernel=self.kernel) if spectral_norm else None
        self.bias = tf.Variable(tf.zeros([outputs]), name="bias") if use_bias else None

    def weights(self, dtype: tf.DType) -> tf.Tensor:
        """The kernel in `dtype`, after spectral normalization if it is on."""
        return tf.cast(self.norm() if self.norm else self.kernel, dtype)

    def add_bias(self, x: tf.Tensor) -> tf.Tensor:
        """x + bias, or x without a bias; same shape and dtype."""
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
