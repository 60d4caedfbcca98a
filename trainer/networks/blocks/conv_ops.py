"""Strided convolutions in forms that a CPU computes faster.

A convolution of width 4 and stride 2 equals one of width 2 and stride 1 if squares of 2x2 pixels are folded into
channels first. Both compute the same sum of products. oneDNN's kernels for the second form are several times as fast if
a layer has 3 input channels, or few pixels and a large kernel. Kernels are stored in the folded order.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

_STRIDE = 2
# Numbers of the taps of a 4x4 kernel, in the order of squares of 2x2 taps.
_TAPS_BY_SQUARE = [
    4 * (2 * row + below) + 2 * column + right
    for row in (0, 1)
    for column in (0, 1)
    for below in (0, 1)
    for right in (0, 1)
]


def fold(x: tf.Tensor) -> tf.Tensor:
    """[N, ..., H, W, C] -> [N, ..., ceil(H / 2) + 1, ceil(W / 2) + 1, 4 C]: adds a border, then folds 2x2 squares.

    An odd side gets two pixels at its end, as with `SAME`.
    """
    height, width, inner = x.shape[-3], x.shape[-2], x.shape[1:-3]
    border = [[1, 1 + height % 2], [1, 1 + width % 2], [0, 0]]
    padded = tf.pad(x, [[0, 0]] * (len(inner) + 1) + border)
    frames = tf.reshape(padded, [-1, *padded.shape[-3:]])
    folded = tf.nn.space_to_depth(frames, _STRIDE)
    return tf.reshape(folded, [-1, *inner, *folded.shape[1:]])


def fold_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """[..., 4, 4, in, out] -> [..., 2, 2, 4 in, out], the kernel for inputs of `fold`."""
    *outer, _, _, inputs, outputs = kernel.shape
    taps = tf.reshape(kernel, [-1, 2, 2, 2, 2, inputs, outputs])
    return tf.reshape(
        tf.transpose(taps, [0, 1, 3, 2, 4, 5, 6]), [*outer, 2, 2, 4 * inputs, outputs]
    )


@tf.custom_gradient
def convolve_clips(
    x: tf.Tensor, kernel: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """[N, T, H, W, in], [t, h, w, in, out] -> [N, T - t + 1, H - h + 1, W - w + 1, out], for large kernels.

    The gradient of the kernel is one matrix product per tap. For kernels of a million weights, this is faster than
    oneDNN's gradient.
    """
    ones = [1] * 5

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        input_gradient = tf.raw_ops.Conv3DBackpropInputV2(
            input_sizes=tf.shape(x),
            filter=kernel,
            out_backprop=upstream,
            strides=ones,
            padding="VALID",
        )
        return input_gradient, _kernel_gradient(x, upstream, kernel.shape)

    return tf.nn.conv3d(x, kernel, ones, "VALID"), gradient


def _kernel_gradient(x: tf.Tensor, upstream: tf.Tensor, shape: tf.TensorShape) -> tf.Tensor:
    time, height, width, inputs, outputs = shape
    _, frames, rows, columns, _ = upstream.shape
    flat = tf.reshape(upstream, [-1, outputs])
    products = [
        tf.matmul(
            tf.reshape(x[:, t : t + frames, h : h + rows, w : w + columns], [-1, inputs]),
            flat,
            transpose_a=True,
        )
        for t in range(time)
        for h in range(height)
        for w in range(width)
    ]
    return tf.reshape(tf.stack(products), shape)


def spread_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """[3, 3, out, in] -> [4, 4, out, in]. `upsample` with it repeats each pixel, then convolves with `kernel`."""
    for axis in (0, 1):
        before, after = ([[0, 0]] * 4 for _ in range(2))
        before[axis], after[axis] = [1, 0], [0, 1]
        kernel = tf.pad(kernel, before) + tf.pad(kernel, after)
    return kernel


def upsample_by_product(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Transposed convolution as a matrix product: [N, H, W, in], [4 in, 4 out] -> [N, 2 H, 2 W, out].

    Each square of 2x2 output pixels, shifted by one, is the product of 2x2 input pixels and `kernel`. This is for few
    pixels with many channels, where the kernel gradient of the convolution takes much longer.
    """
    _, height, width, inputs = x.shape
    padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
    size = [-1, height + 1, width + 1, inputs]
    neighbors = [tf.slice(padded, [0, row, column, 0], size) for row in (0, 1) for column in (0, 1)]
    squares = tf.reshape(tf.concat(neighbors, axis=-1), [-1, kernel.shape[0]])
    made = tf.reshape(tf.matmul(squares, kernel), [-1, height + 1, width + 1, kernel.shape[1]])
    return _spread(made)


def upsample_by_four_products(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """`upsample_by_product` without products of the border: each input pixel with its part of four squares.

    For frames of 4x4 pixels, this is 16 / 25 of the operations, but the four products are written and added.
    """
    _, height, width, inputs = x.shape
    pixels = tf.reshape(x, [-1, inputs])
    squares = []
    for number, part in enumerate(tf.unstack(tf.reshape(kernel, [4, inputs, -1]))):
        row, column = divmod(number, 2)  # 0: the input pixel before the square, 1: the one after it
        product = tf.reshape(tf.matmul(pixels, part), [-1, height, width, kernel.shape[1]])
        squares.append(tf.pad(product, [[0, 0], [1 - row, row], [1 - column, column], [0, 0]]))
    return _spread(tf.add_n(squares))


def upsample_in_squares(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """`upsample_plainly` as a transposed convolution of width 2 and stride 1, for few output channels.

    It has four times the output channels: those of a square of 2x2 output pixels, shifted by one.
    """
    _, height, width, _ = x.shape
    _, _, outputs, inputs = kernel.shape
    taps = tf.gather(tf.reshape(kernel, [16, outputs, inputs]), _TAPS_BY_SQUARE)
    folded = tf.reshape(taps, [2, 2, 4 * outputs, inputs])
    shape = [tf.shape(x)[0], height + 1, width + 1, 4 * outputs]
    return _spread(tf.nn.conv2d_transpose(x, folded, shape, strides=1, padding="VALID"))


def _spread(squares: tf.Tensor) -> tf.Tensor:
    """[N, H + 1, W + 1, 4 C] -> [N, 2 H, 2 W, C]: squares of 2x2 pixels, without the pixels outside the border."""
    _, height, width, _ = squares.shape
    spread = tf.nn.depth_to_space(squares, _STRIDE)
    size = [-1, 2 * height - 2, 2 * width - 2, spread.shape[3]]
    return tf.slice(spread, [0, 1, 1, 0], size)


def upsample_plainly(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Transposed convolution of width 4 and stride 2: [N, H, W, in], [4, 4, out, in] -> [N, 2 H, 2 W, out]."""
    shape = [tf.shape(x)[0], 2 * x.shape[1], 2 * x.shape[2], kernel.shape[2]]
    return tf.nn.conv2d_transpose(x, kernel, shape, _STRIDE)


@tf.custom_gradient
def upsample(
    x: tf.Tensor, kernel: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """`upsample_plainly` with one matrix product per tap as the kernel gradient, for medium and large kernels."""
    _, height, width, inputs = x.shape
    outputs = kernel.shape[2]

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        folded = fold(upstream)
        flat = tf.reshape(x, [-1, inputs])
        size = [-1, height, width, 4 * outputs]
        products = [
            tf.matmul(
                tf.reshape(tf.slice(folded, [0, row, column, 0], size), [-1, 4 * outputs]),
                flat,
                transpose_a=True,
            )
            for row in (0, 1)
            for column in (0, 1)
        ]
        # [row, column, row in the square, column in the square, out, in]; kernel row = (row, row in the square).
        taps = tf.reshape(tf.stack(products), [2, 2, 2, 2, outputs, inputs])
        kernel_gradient = tf.reshape(tf.transpose(taps, [0, 2, 1, 3, 4, 5]), kernel.shape)
        return tf.nn.conv2d(upstream, kernel, _STRIDE, "SAME"), kernel_gradient

    return upsample_plainly(x, kernel), gradient
