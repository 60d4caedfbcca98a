"""The one way in which metrics make frames smaller: area means. Pure numpy."""

from __future__ import annotations

import numpy as np

# Pixels. Small enough that random projections and distances see where things are, not texture.
DOWNSAMPLED_SIZE = 16
_CLIPS_AT_ONCE = 64  # bounds the memory: sums take 4 bytes where a pixel takes 1


def downsample(clips: np.ndarray) -> np.ndarray:
    """Area means of at most DOWNSAMPLED_SIZE x DOWNSAMPLED_SIZE cells.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Returns:
        [N, T, h, w, 3] float32 in [0, 255]; h is min(H, DOWNSAMPLED_SIZE), w likewise. Cell i of h covers rows
        floor(i H / h) up to floor((i + 1) H / h).
    """
    assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
    parts = [
        _area_means(clips[start : start + _CLIPS_AT_ONCE])
        for start in range(0, max(1, len(clips)), _CLIPS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _area_means(clips: np.ndarray) -> np.ndarray:
    rows, columns = _edges(clips.shape[2]), _edges(clips.shape[3])
    # Integer sums are exact, so that the mean does not depend on the order of summation.
    sums = np.add.reduceat(clips, rows[:-1], axis=2, dtype=np.uint32)
    sums = np.add.reduceat(sums, columns[:-1], axis=3)
    areas = np.diff(rows)[:, None, None] * np.diff(columns)[:, None]
    return (sums / areas).astype(np.float32)


def _edges(length: int) -> np.ndarray:
    size = min(length, DOWNSAMPLED_SIZE)
    return np.arange(size + 1) * length // size
