"""How bright clips are and how much their frames show. Pure numpy."""

from __future__ import annotations

import numpy as np


def brightness(clips: np.ndarray) -> float:
    """Mean of all values, in the unit of `clips`: gray levels for uint8."""
    return float(clips.mean())


def contrast(clips: np.ndarray) -> float:
    """[N, T, H, W, 3] -> root mean square difference of a pixel from the mean color of its frame, in the same unit."""
    return float(np.sqrt(np.mean(np.var(clips, axis=(2, 3)))))
