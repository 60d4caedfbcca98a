"""Spectral normalization: kernels divided by their largest singular value, so that a layer's slope is about 1."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.runtime.randomness import RandomStream

_FIRST_ITERATIONS = 10  # random vectors give too small a value, and so kernels that are too large
_EPSILON = 1e-12  # under the root: a kernel of zeros stays one


class SpectralNorm(tf.Module):
    """A kernel [..., out], seen as a matrix W [rest, out], over the largest singular value of W (arXiv:1802.05957).

    Of the two singular vectors that a power iteration goes between, `u` [out] is kept: the other one is W u. A call
    leaves `u` as it is, so that all passes of a step are through the same network.
    """

    def __init__(self, random: RandomStream, *, kernel: tf.Variable) -> None:
        super().__init__()
        self._kernel = kernel
        self.u = tf.Variable(
            tf.math.l2_normalize(random.normal([kernel.shape[-1]])),
            trainable=False,
            name="u",
        )
        for _ in range(_FIRST_ITERATIONS):
            self.iterate()

    def __call__(self) -> tf.Tensor:
        """The kernel over |W u|, float32; gradients pass through both, u being a constant (eq. 12 there)."""
        return self._kernel / tf.sqrt(tf.reduce_sum(tf.square(self._product())) + _EPSILON)

    def iterate(self) -> None:
        """One power iteration: u becomes W^T W u, normalized. Once after each update of the kernel."""
        product = tf.matmul(self._matrix(), self._product(), transpose_a=True)
        self.u.assign(tf.math.l2_normalize(product[:, 0]))

    def _matrix(self) -> tf.Tensor:
        return tf.reshape(self._kernel, [-1, self._kernel.shape[-1]])

    def _product(self) -> tf.Tensor:
        """W u, [rest, 1]."""
        return tf.matmul(self._matrix(), self.u[:, tf.newaxis])
