"""The mean picture of a clip, 8 x 8 cells: where its light and its colors are."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.features.cells import cell_means
from mocogan.evaluation.features.per_clip import per_clip

SIZE = 8


def mean_picture(clips: np.ndarray) -> np.ndarray:
    """Average each clip over its frames and over cells of the frame.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Returns:
        [N, D] float32 in [0, 255], D = 3 min(H, 8) min(W, 8).
    """
    return per_clip(_mean_picture, clips)


def _mean_picture(clip: np.ndarray) -> np.ndarray:
    return cell_means(clip, {0: 1, 1: SIZE, 2: SIZE}).ravel()
