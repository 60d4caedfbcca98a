"""Pixel scaling between uint8 [0, 255] and the networks' float32 [-1, 1]. Works on arrays and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

_HALF_RANGE = 127.5


def to_float(pixels: Any) -> tf.Tensor:
    """uint8 or float pixels in [0, 255] -> float32 in [-1, 1], same shape."""
    return tf.cast(pixels, tf.float32) / _HALF_RANGE - 1.0


def to_uint8(pixels: Any) -> tf.Tensor:
    """Float pixels in [-1, 1] -> uint8 in [0, 255] rounded to nearest, same shape. Clips what lies outside."""
    levels = tf.round((tf.cast(pixels, tf.float32) + 1.0) * _HALF_RANGE)
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)


def clips_to_grid(clips: np.ndarray, columns: int, gap: int = 2) -> np.ndarray:
    """Lays clips [N, T, H, W, 3] out as one clip [T, H', W', 3], `columns` a row, `gap` pixels apart."""
    count, num_frames, height, width, channels = clips.shape
    rows = -(-count // columns)
    grid = np.full(
        (
            num_frames,
            rows * (height + gap) - gap,
            columns * (width + gap) - gap,
            channels,
        ),
        32,
        np.uint8,
    )
    for number, clip in enumerate(clips):
        top = number // columns * (height + gap)
        left = number % columns * (width + gap)
        grid[:, top : top + height, left : left + width] = clip
    return grid
