"""Downsamples frames for metrics, by area means. Pure numpy."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.features.cells import cell_means

# Pixels. At this size, random projections and distances depend on positions rather than on texture.
DOWNSAMPLED_SIZE = 16
_CLIPS_AT_ONCE = 64  # limits memory, because sums take 4 bytes per pixel value instead of 1


def downsample(clips: np.ndarray) -> np.ndarray:
    """Downsample each frame to at most DOWNSAMPLED_SIZE x DOWNSAMPLED_SIZE cells by area means.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Returns:
        [N, T, h, w, 3] float32 in [0, 255]. h is min(H, DOWNSAMPLED_SIZE), w likewise. Cell i of h covers rows
        floor(i H / h) up to floor((i + 1) H / h).
    """
    assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
    cells = {2: DOWNSAMPLED_SIZE, 3: DOWNSAMPLED_SIZE}
    parts = [
        cell_means(clips[start : start + _CLIPS_AT_ONCE], cells)
        for start in range(0, max(1, len(clips)), _CLIPS_AT_ONCE)
    ]
    return np.concatenate(parts)
