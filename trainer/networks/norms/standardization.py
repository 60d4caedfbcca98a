"""Standardizes what a discriminator sees by the pixel values of the data."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from mocogan.data.pixels import to_float

_STDDEV = 3**-0.5  # of values spread evenly over [-1, 1]
_SMALLEST = 2.0 / 255.0  # one gray level, for data without contrast


class Standardization(tf.Module):
    """Brings pixels of clips to mean 0 and the standard deviation of values spread evenly over [-1, 1].

    Without it, a black background has the value -1 everywhere, and outweighs small bright things in every layer. The
    same constants serve real and generated clips.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mean = tf.Variable(tf.zeros([3]), trainable=False, name="mean")
        self.stddev = tf.Variable(tf.fill([3], _STDDEV), trainable=False, name="stddev")

    def __call__(self, clips: tf.Tensor) -> tf.Tensor:
        """[..., 3] float32 in [-1, 1] -> [..., 3] float32. Before `adapt`, nothing changes."""
        return (clips - self.mean) * (_STDDEV / self.stddev)

    def adapt(self, batches: Iterable[tf.Tensor]) -> None:
        """Measure mean and standard deviation of each color channel on real clips, [B, T, H, W, 3] uint8 each."""
        sums = [_sums(to_float(clips).numpy().astype(np.float64)) for clips in batches]
        count, total, squares = np.sum(sums, axis=0)
        mean = total / count
        self.mean.assign(mean)
        self.stddev.assign(np.sqrt(np.maximum(squares / count - mean**2, _SMALLEST**2)))


def _sums(values: np.ndarray) -> np.ndarray:
    """[..., 3] -> [3, 3]: number of values, their sum and the sum of their squares, each by channel."""
    flat = values.reshape(-1, 3)
    return np.stack([np.full(3, len(flat)), flat.sum(axis=0), np.square(flat).sum(axis=0)])
