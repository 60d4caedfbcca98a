"""The layers MoCoGAN is made of, as `tf.Module`s.

Keras 3 layers inside a `tf.Module` report no variables, and Keras runs batch norm on clips without the fused kernel.
Here a layer computes in the dtype of its input (weights stay float32), so one network serves bfloat16 training and
float32 export.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from mocogan.trainer.networks.blocks.convolution import (
    convolve_clips,
    fold,
    spread_kernel,
    upsample,
    upsample_by_product,
    upsample_plainly,
)
from mocogan.trainer.networks.blocks.spectral_norm import SpectralNorm
from mocogan.trainer.networks.blocks.sync_batch_norm import across_replicas, sync_batch_norm
from mocogan.trainer.runtime.randomness import RandomStream

Initializer = Callable[[RandomStream, Sequence[int], int], tf.Tensor]

_BATCH_NORM_MOMENTUM = 0.9  # the EMA of the generator smooths the moments further
_BATCH_NORM_EPSILON = 1e-3
_FEW_CHANNELS = 8  # inputs up to this are folded: see `blocks.convolution`
_LARGE_KERNEL = 2**20  # weights from which on matrix products are faster than convolutions
_MEDIUM_KERNEL = 2**18  # ... and than the gradient of a transposed convolution's kernel
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
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        self.kernel = tf.Variable(init(random, [inputs, outputs], inputs), name="kernel")
        self.norm = SpectralNorm(self.kernel, random) if spectral_norm else None
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return _add_bias(tf.matmul(x, _weights(self.kernel, self.norm, x.dtype)), self.bias)


class FrameConvolution(tf.Module):
    """4x4, stride 2: [N, H, W, in] -> [N, ceil(H / 2), ceil(W / 2), out]."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        self._folded = inputs <= _FEW_CHANNELS
        shape = [2, 2, 4 * inputs, outputs] if self._folded else [4, 4, inputs, outputs]
        self.kernel = tf.Variable(init(random, shape, 16 * inputs), name="kernel")
        self.norm = SpectralNorm(self.kernel, random) if spectral_norm else None
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = _weights(self.kernel, self.norm, x.dtype)
        if self._folded:
            return _add_bias(tf.nn.conv2d(fold(x), kernel, strides=1, padding="VALID"), self.bias)
        return _add_bias(tf.nn.conv2d(x, kernel, strides=2, padding="SAME"), self.bias)


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
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        self._large = 64 * inputs * outputs >= _LARGE_KERNEL
        self._folded = inputs <= _FEW_CHANNELS or self._large
        shape = [4, 2, 2, 4 * inputs, outputs] if self._folded else [4, 4, 4, inputs, outputs]
        self.kernel = tf.Variable(init(random, shape, 64 * inputs), name="kernel")
        self.norm = SpectralNorm(self.kernel, random) if spectral_norm else None
        self.bias = _bias(outputs) if bias else None
        self._valid_time = valid_time

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = _weights(self.kernel, self.norm, x.dtype)
        in_time = [0, 0] if self._valid_time else [1, 2]
        if not self._folded:
            # At once: of two paddings in a row TensorFlow's graph optimiser loses one (2.16, without gradients).
            x = tf.pad(x, [[0, 0], in_time, _same(x.shape[2]), _same(x.shape[3]), [0, 0]])
            return _add_bias(tf.nn.conv3d(x, kernel, [1, 1, 2, 2, 1], "VALID"), self.bias)
        if not self._valid_time:
            x = tf.pad(x, [[0, 0], in_time, [0, 0], [0, 0], [0, 0]])
        if self._large:
            return _add_bias(convolve_clips(fold(x), kernel), self.bias)
        return _add_bias(tf.nn.conv3d(fold(x), kernel, [1] * 5, "VALID"), self.bias)


class TimeConvolution(tf.Module):
    """4 in time: [B, T, H, W, in] -> [B, T', H, W, out]; T' = T, or T - 3 with `valid_time`."""

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
        self.kernel = tf.Variable(init(random, [4, 1, inputs, outputs], 4 * inputs), name="kernel")
        self.norm = SpectralNorm(self.kernel, random) if spectral_norm else None
        self.bias = _bias(outputs) if bias else None
        self._valid_time = valid_time

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        _, num_frames, height, width, inputs = x.shape
        # Of rank 4, with a frame's pixels as one axis: a matrix product of frames side by side takes far longer.
        x = tf.reshape(x, [-1, num_frames, height * width, inputs])
        if not self._valid_time:
            x = tf.pad(x, [[0, 0], [1, 2], [0, 0], [0, 0]])
        kernel = _weights(self.kernel, self.norm, x.dtype)
        x = _add_bias(tf.nn.conv2d(x, kernel, strides=1, padding="VALID"), self.bias)
        return tf.reshape(x, [-1, x.shape[1], height, width, x.shape[3]])


class SameConvolution(tf.Module):
    """3x3, without bias: [N, H, W, in] -> [N, H, W, out]."""

    def __init__(self, inputs: int, outputs: int, init: Initializer, random: RandomStream) -> None:
        super().__init__()
        self.kernel = tf.Variable(init(random, [3, 3, inputs, outputs], 9 * inputs), name="kernel")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(x, tf.cast(self.kernel, x.dtype), strides=1, padding="SAME")


class FrameUpsampling(tf.Module):
    """[N, H, W, in] -> [N, 2 H, 2 W, out]: a 4x4 transposed convolution of stride 2, or a resize-convolution.

    The latter, `nearest`, repeats each pixel and convolves 3x3, which leaves no checkerboards (Odena et al., 2016,
    doi:10.23915/distill.00003). That is a transposed convolution by the 3x3 kernel spread over 4x4, and costs no more.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        init: Initializer,
        random: RandomStream,
        bias: bool = True,
        nearest: bool = False,
    ) -> None:
        super().__init__()
        weights = 16 * inputs * outputs
        self._nearest = nearest
        self._large = weights >= _LARGE_KERNEL and not nearest
        self._upsample = upsample if weights >= _MEDIUM_KERNEL else upsample_plainly
        shape, taps = [4, 4, outputs, inputs], 4  # each output pixel sees 2x2 of the 4x4 taps
        if nearest:
            shape, taps = [3, 3, outputs, inputs], 9
        elif self._large:
            shape = [4 * inputs, 4 * outputs]
        self.kernel = tf.Variable(init(random, shape, taps * inputs), name="kernel")
        self.bias = _bias(outputs) if bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        kernel = tf.cast(self.kernel, x.dtype)
        if self._large:
            return _add_bias(upsample_by_product(x, kernel), self.bias)
        if self._nearest:
            kernel = spread_kernel(kernel)
        return _add_bias(self._upsample(x, kernel), self.bias)


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

    def __init__(self, inputs: int, units: int, random: RandomStream) -> None:
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


def _weights(kernel: tf.Variable, norm: SpectralNorm | None, dtype: tf.DType) -> tf.Tensor:
    return tf.cast(norm() if norm else kernel, dtype)


def _bias(outputs: int) -> tf.Variable:
    return tf.Variable(tf.zeros([outputs]), name="bias")


def _add_bias(x: tf.Tensor, bias: tf.Variable | None) -> tf.Tensor:
    return x if bias is None else tf.nn.bias_add(x, tf.cast(bias, x.dtype))


def _same(size: int) -> list[int]:
    """What `SAME` pads before and after one axis of a 4-wide, stride-2 convolution."""
    total = max((-(-size // 2) - 1) * 2 + 4 - size, 0)
    return [total // 2, total - total // 2]
