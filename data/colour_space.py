"""Colours of files whose YUV follows another matrix than BT.601."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Luma weights (red, blue) by AVColorSpace (libavutil/pixfmt.h): BT.709, SMPTE 240M, BT.2020.
# The other values, among them "unspecified", mean BT.601 to FFmpeg.
_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)


def recolour(pixels: np.ndarray, colour_space: int) -> np.ndarray:
    """[H, W, 3] uint8 RGB converted by BT.601's matrix -> as the matrix of `colour_space` gives it.

    tensorflow-io knows BT.601 alone, so every decoder converts by it and the difference is made up
    here, alike for all. What BT.601 saturates stays so: up to 15 levels in few pixels.
    """
    matrix = _matrix(colour_space)
    if matrix is None:
        return pixels
    return np.rint(np.clip(pixels @ matrix.T, 0, 255)).astype(np.uint8)


@lru_cache
def _matrix(colour_space: int) -> np.ndarray | None:
    """[3, 3], RGB by BT.601 -> RGB by `colour_space`; None when they are the same."""
    weights = _LUMA_WEIGHTS.get(colour_space)
    if weights is None:
        return None
    return _rgb_from_yuv(*weights) @ np.linalg.inv(_rgb_from_yuv(*_BT601))


def _rgb_from_yuv(red: float, blue: float) -> np.ndarray:
    green = 1 - red - blue
    return np.array(
        [
            [1, 0, 2 * (1 - red)],
            [1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green],
            [1, 2 * (1 - blue), 0],
        ]
    )
