"""Luminance of frames."""

from __future__ import annotations

import numpy as np

_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def luminance(frames: np.ndarray) -> np.ndarray:
    """[..., 3] uint8 or float32 in [0, 255] -> [...] float32 in [0, 255]."""
    return frames.astype(np.float32) @ _WEIGHTS
