"""Spectral normalization: divides kernels by their largest singular value, so that the slope of a layer is about 1."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.runtime.randomness import RandomStream

_FIRST_ITERATIONS = 10  # a random vector underestimates the value, which makes the kernel too large
_EPSILON = 1e-12  # under the square root, so that a kernel of zeros stays zeros


class SpectralNorm(tf.Module):
    """Divides a kernel [..., out], seen as a matrix W [rest, out], by its largest singular value (arXiv:1802.05957).

    A power iteration estimates the two singular vectors. Only `u` [out] is stored, because the other one follows as
    W u. A call does not change `u`, so that all passes of a step use the same network.
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
        """The kernel divided by |W u|, float32. Gradients pass through both; u is a constant (eq. 12 of the paper)."""
        return self._kernel / tf.sqrt(tf.reduce_sum(tf.square(self._product())) + _EPSILON)

    def iterate(self) -> None:
        """Runs one power iteration: u becomes W^T W u, normalized. Call it once after each update of the kernel."""
        product = tf.matmul(self._matrix(), self._product(), transpose_a=True)
        self.u.assign(tf.math.l2_normalize(product[:, 0]))

    def _matrix(self) -> tf.Tensor:
        return tf.reshape(self._kernel, [-1, self._kernel.shape[-1]])

    def _product(self) -> tf.Tensor:
        """W u, [rest, 1]."""
        return tf.matmul(self._matrix(), self.u[:, tf.newaxis])
