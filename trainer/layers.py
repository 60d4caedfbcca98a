"""The layers MoCoGAN is made of, as `tf.Module`s.

Keras 3 layers inside a `tf.Module` report no variables, and Keras runs batch norm on clips without the fused kernel.
Here a layer computes in the dtype of its input (weights stay float32), so one network serves bfloat16 training and
float32 export.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from trainer.randomness import RandomStream
from trainer.sync_batch_norm import across_replicas, sync_batch_norm

Initializer = Callable[[RandomStream, Sequence[int], int], tf.Tensor]

_BATCH_NORM_MOMENTUM = 0.9  # the EMA of the generator smooths the moments further
_BATCH_NORM_EPSILON = 1e-3
_UPDATE_GATE_BIAS = 2.0  # sigmoid(2) = 0.88 of the state is kept from frame to frame


def dcgan_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 0.02), for networks with batch norm (DCGAN, arXiv:1511.06434)."""
    return 0.02 * random.normal(shape)


def he_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 2 / fan_in), for networks without normalisation (arXiv:1502.01852)."""
    return (2.0 / fan_in) ** 0.5 * random.normal(shape)


def unit_gain_normal(random: RandomStream, shape: Sequence[int], fan_in: int) -> tf.Tensor:
    """N(0, 1 / fan_in): keeps the variance of what passes through."""
    return (1.0 / fan_in) ** 0.5 * random.normal(shape)


class Dense(tf.Module):
    """[B, in] -> [B, out]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel = tf.Variable(init(random, [inputs, outputs], inputs), name="kernel")
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return _add_bias(tf.matmul(x, tf.cast(self.kernel, x.dtype)), self.bias)


class FrameConvolution(tf.Module):
    """4x4, stride 2: [N, H, W, in] -> [N, ceil(H / 2), ceil(W / 2), out]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
    ) -> None:
        super().__init__()
        shape = [4, 4, inputs, outputs]
        self.kernel = tf.Variable(init(random, shape, 16 * inputs), name="kernel")
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return _add_bias(
            tf.nn.conv2d(x, tf.cast(self.kernel, x.dtype), strides=2, padding="SAME"), self.bias
        )


class ClipConvolution(tf.Module):
    """4x4x4, stride (1, 2, 2): [B, T, H, W, in] -> [B, T', ceil(H / 2), ceil(W / 2), out].

    T' = T, or T - 3 with `valid_time`.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
        valid_time: bool = False,
    ) -> None:
        super().__init__()
        shape = [4, 4, 4, inputs, outputs]
        self.kernel = tf.Variable(init(random, shape, 64 * inputs), name="kernel")
        self.bias = _bias(outputs) if bias else None
        self._valid_time = valid_time

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        padding = "SAME"
        if self._valid_time:
            padding = "VALID"
            x = tf.pad(x, [[0, 0], [0, 0], _same(x.shape[2]), _same(x.shape[3]), [0, 0]])
        kernel = tf.cast(self.kernel, x.dtype)
        return _add_bias(
            tf.nn.conv3d(x, kernel, strides=[1, 1, 2, 2, 1], padding=padding), self.bias
        )


class FrameUpsampling(tf.Module):
    """4x4 transposed convolution, stride 2: [N, H, W, in] -> [N, 2 H, 2 W, out]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
    ) -> None:
        super().__init__()
        # Each output pixel sees 2x2 of the 4x4 taps.
        self.kernel = tf.Variable(init(random, [4, 4, outputs, inputs], 4 * inputs), name="kernel")
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        count, height, width = tf.shape(x)[0], 2 * x.shape[1], 2 * x.shape[2]
        output_shape = [count, height, width, self.kernel.shape[2]]
        return _add_bias(
            tf.nn.conv2d_transpose(x, tf.cast(self.kernel, x.dtype), output_shape, strides=2),
            self.bias,
        )


class BatchNorm(tf.Module):
    """Batch normalisation over all axes but the last, for inputs of rank 4 and 5; same shape out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = tf.Variable(tf.ones([channels]), name="scale")
        self.offset = tf.Variable(tf.zeros([channels]), name="offset")
        self.mean = tf.Variable(tf.zeros([channels]), trainable=False, name="mean")
        self.variance = tf.Variable(tf.ones([channels]), trainable=False, name="variance")

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        if training and across_replicas():
            normalised, mean, variance = sync_batch_norm(
                x, self.scale, self.offset, _BATCH_NORM_EPSILON
            )
            self._follow(mean, variance)
            return normalised
        shape = tf.shape(x)
        # The kernel is fused for rank 4 only; unfused it takes longer than the convolutions.
        flat = tf.reshape(x, [-1, 1, x.shape[-2], x.shape[-1]])
        moments = {} if training else {"mean": self.mean, "variance": self.variance}
        flat, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            flat,
            self.scale,
            self.offset,
            epsilon=_BATCH_NORM_EPSILON,
            is_training=training,
            **moments,
        )
        if training:
            self._follow(mean, variance)
        return tf.reshape(flat, shape)

    def _follow(self, mean: tf.Tensor, variance: tf.Tensor) -> None:
        self.mean.assign_add((1 - _BATCH_NORM_MOMENTUM) * (mean - self.mean))
        self.variance.assign_add((1 - _BATCH_NORM_MOMENTUM) * (variance - self.variance))


class Gru(tf.Module):
    """A one-layer GRU (Cho et al., 2014, reset gate applied to the projected state as in cuDNN)."""

    def __init__(
        self, inputs: int, units: int, random: RandomStream, update_bias: float = 0.0
    ) -> None:
        """`update_bias`: above 0, states last some frames from the start."""
        super().__init__()
        self.inputs_projection = Dense(inputs, 3 * units, unit_gain_normal, random, bias=False)
        self.state_projection = Dense(units, 3 * units, unit_gain_normal, random)
        # States that last some frames from the start: motion without jumps (chrono initialisation,
        # arXiv:1804.11188). Order of the parts: reset, update, candidate.
        parts = [tf.zeros([units]), tf.fill([units], _UPDATE_GATE_BIAS), tf.zeros([units])]
        self.bias = tf.Variable(tf.concat(parts, axis=0), name="bias")

    def __call__(self, x: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        """[B, T, in], first state [B, units] -> all states [B, T, units], float32."""
        num_frames = x.shape[1]
        # All frames' input projections at once: the loop keeps one matrix product a frame.
        projected = self.inputs_projection(tf.reshape(x, [-1, x.shape[2]])) + self.bias
        projected = tf.reshape(projected, [-1, num_frames, projected.shape[1]])
        states = []
        for frame in range(num_frames):
            state = self._next_state(projected[:, frame], state)
            states.append(state)
        return tf.stack(states, axis=1)

    def _next_state(self, projected: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        reset_in, update_in, candidate_in = tf.split(projected, 3, axis=-1)
        reset_state, update_state, candidate_state = tf.split(
            self.state_projection(state), 3, axis=-1
        )
        update = tf.sigmoid(update_in + update_state)
        reset = tf.sigmoid(reset_in + reset_state)
        candidate = tf.tanh(candidate_in + reset * candidate_state)
        return update * state + (1 - update) * candidate


def leaky_relu(x: tf.Tensor) -> tf.Tensor:
    """Slope 0.2 below zero, as in the paper's discriminators; same shape."""
    return tf.nn.leaky_relu(x, alpha=0.2)


def _bias(outputs: int) -> tf.Variable:
    return tf.Variable(tf.zeros([outputs]), name="bias")


def _add_bias(x: tf.Tensor, bias: tf.Variable | None) -> tf.Tensor:
    return x if bias is None else tf.nn.bias_add(x, tf.cast(bias, x.dtype))


def _same(size: int) -> list[int]:
    """What `SAME` pads before and after one axis of a 4-wide, stride-2 convolution."""
    total = max((-(-size // 2) - 1) * 2 + 4 - size, 0)
    return [total // 2, total - total // 2]
