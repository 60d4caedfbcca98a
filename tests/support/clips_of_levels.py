"""Clips whose frames have one gray level each, so that metrics can be computed by hand."""

from __future__ import annotations

import numpy as np


def clips_of_levels(levels: list[list[int]], size: int = 2) -> np.ndarray:
    """[N][T] gray levels -> [N, T, size, size, 3] uint8."""
    gray = np.array(levels, np.uint8)
    return np.broadcast_to(gray[:, :, None, None, None], (*gray.shape, size, size, 3)).copy()
