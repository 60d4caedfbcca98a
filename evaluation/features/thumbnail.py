"""Thumbnails of clips, to find clips that are the same or nearly the same."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.features.cells import cell_means
from mocogan.evaluation.features.per_clip import per_clip

_CELLS = {0: 4, 1: 8, 2: 8}  # over time, height and width


def thumbnail(clips: np.ndarray) -> np.ndarray:
    """Average each clip over cells of time, height and width.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Returns:
        [N, D] float32 in [0, 255]. D is 768 for clips of at least 4 frames of 8 x 8 pixels.
    """
    return per_clip(_thumbnail, clips)


def _thumbnail(clip: np.ndarray) -> np.ndarray:
    return cell_means(clip, _CELLS).ravel()
