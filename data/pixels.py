"""Pixel scaling between uint8 in [0, 255] and float32 in [-1, 1], for arrays and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

_HALF_RANGE = 127.5
GRID_GAP = 2  # pixels between the clips of a grid


def to_float(pixels: Any) -> tf.Tensor:
    """uint8 or float pixels in [0, 255] -> float32 in [-1, 1], same shape."""
    return tf.cast(pixels, tf.float32) / _HALF_RANGE - 1.0


def to_uint8(pixels: Any) -> tf.Tensor:
    """Float pixels in [-1, 1] -> uint8 in [0, 255], same shape. Rounds to nearest and clips to the range."""
    levels = tf.round((tf.cast(pixels, tf.float32) + 1.0) * _HALF_RANGE)
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)


def clips_to_grid(clips: np.ndarray, columns: int, gap: int = GRID_GAP) -> np.ndarray:
    """Arranges clips [N, T, H, W, 3] uint8 in one clip [T, H', W', 3] uint8.

    Each row has `columns` clips. The clips are `gap` pixels apart.
    """
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
