"""What the films show."""

from __future__ import annotations

import numpy as np


def waves(count: int, height: int = 32, width: int = 32) -> np.ndarray:
    """[T, H, W, 3] uint8: soft colored waves, no two frames alike."""
    down, across = np.mgrid[:height, :width] / 20.0
    frames = [
        np.stack([np.sin(across + t / 3), np.cos(down - t / 4), np.sin(across * down + t)], -1)
        for t in range(count)
    ]
    return (128 + 90 * np.stack(frames)).astype(np.uint8)
