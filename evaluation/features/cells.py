"""Means over cells: an axis is divided into cells of nearly equal length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def cell_edges(length: int, most: int) -> np.ndarray:
    """Return the edges of min(length, most) cells. Cell i covers edges[i] up to edges[i + 1]."""
    count = min(length, most)
    return np.arange(count + 1) * length // count


def cell_means(pixels: np.ndarray, most: Mapping[int, int]) -> np.ndarray:
    """Average pixels over cells.

    Args:
        pixels: uint8 or float32, of any shape.
        most: The largest number of cells along each axis. Other axes stay as they are.

    Returns:
        float32, along each axis of `most` min(length, most) means.
    """
    # Integer sums are exact, so they do not depend on their order.
    sums = pixels.astype(np.uint32) if pixels.dtype == np.uint8 else pixels
    size = np.ones(1)
    for axis, cells in most.items():
        edges = cell_edges(pixels.shape[axis], cells)
        sums = np.add.reduceat(sums, edges[:-1], axis=axis)
        lengths = np.diff(edges).reshape([-1 if a == axis else 1 for a in range(pixels.ndim)])
        size = size * lengths
    return (sums / size).astype(np.float32)
