"""Brightness and contrast of clips. Pure numpy."""

from __future__ import annotations

import numpy as np


def brightness(clips: np.ndarray) -> float:
    """Return the mean of all values, in the unit of `clips` (gray levels for uint8)."""
    return float(clips.mean())


def contrast(clips: np.ndarray) -> float:
    """[N, T, H, W, 3] -> root mean square difference between a pixel and the mean color of its frame, same unit."""
    return float(np.sqrt(np.mean(np.var(clips, axis=(2, 3)))))
