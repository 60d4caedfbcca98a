"""The axis along which the light of a clip moves: left and right, or up and down. Pure numpy."""

from __future__ import annotations

import numpy as np

LEFT_AND_RIGHT, UP_AND_DOWN = range(2)
NO_AXIS = -1

_MIN_RANGE = 1 / 16  # of the frame's side; light that moves less stays where it is
_FLOOR = 0.25  # of the brightest pixel; less is not counted, so that a gray ground does not move the centroid


def moving_axis(clips: np.ndarray) -> np.ndarray:
    """Name the axis along which the centroid of the light moves farther.

    Args:
        clips: [N, T, H, W, 3] uint8, bright things on a dark ground. Frames without light are left out.

    Returns:
        [N] int64: LEFT_AND_RIGHT, UP_AND_DOWN, or NO_AXIS if the centroid moves less than a sixteenth of the side.
    """
    light = clips.max(axis=-1).astype(np.float32)
    peak = light.max(axis=(1, 2, 3), keepdims=True)
    light = np.maximum(light - _FLOOR * peak, 0)
    total = light.sum(axis=(2, 3))
    lit, total = total > 0, np.maximum(total, np.finfo(np.float32).tiny)
    height, width = light.shape[2:]
    across = (light.sum(axis=2) @ np.arange(width, dtype=np.float32)) / total / width
    down = (light.sum(axis=3) @ np.arange(height, dtype=np.float32)) / total / height
    places = np.stack([across, down], axis=1)
    lit = lit[:, np.newaxis]
    highest = places.max(axis=2, where=lit, initial=-np.inf)
    ranges = highest - places.min(axis=2, where=lit, initial=np.inf)
    return np.where(ranges.max(axis=1) < _MIN_RANGE, NO_AXIS, ranges.argmax(axis=1))
