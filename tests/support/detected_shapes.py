"""Detected shapes made by hand, and clips of drawn ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.evaluation.shapes.detector import DetectedShapes


def one_clip(
    centers: Sequence[Sequence[float] | None],
    colors: Sequence[Sequence[float]] | None = None,
    areas: Sequence[float] | None = None,
) -> DetectedShapes:
    """Shapes of one clip with a fill of 1; frames whose center is None show no shape."""
    count = len(centers)
    return DetectedShapes(
        np.array([[center is not None for center in centers]]),
        np.array([areas or [20.0] * count], np.float32),
        np.array([colors or [(0.0, 0.0, 0.0)] * count], np.float32),
        np.array([[center or (0, 0) for center in centers]], np.float32),
        np.ones((1, count), np.float32),
    )


def together(*clips: DetectedShapes) -> DetectedShapes:
    """The shapes of several clips of equal length."""
    return DetectedShapes(*map(np.concatenate, zip(*clips, strict=True)))


def square_clip(
    start: Sequence[int], end: Sequence[int], side: int, color: Sequence[int], size: int = 32
) -> np.ndarray:
    """[1, 4, size, size, 3] uint8: a square moves from `start` to `end`, (x, y) of its upper left corner."""
    clip = np.zeros((1, 4, size, size, 3), np.uint8)
    for frame, (left, top) in zip(clip[0], np.linspace(start, end, 4).astype(int), strict=True):
        frame[top : top + side, left : left + side] = color
    return clip


def drawn_clips(count: int, size: int = 32) -> np.ndarray:
    """[count, 8, size, size, 3] uint8 shape motion in alternating directions."""
    return np.stack(
        [shape_motion_frames(number, DIRECTIONS[number % 2], 8, size) for number in range(count)]
    )
