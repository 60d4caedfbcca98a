"""HOG3D: histograms of space-time gradients (Klaeser et al., BMVC 2008). They see form and motion, but no color."""

from __future__ import annotations

import itertools

import numpy as np

from mocogan.evaluation.features.cells import cell_edges
from mocogan.evaluation.features.luminance import luminance
from mocogan.evaluation.features.per_clip import per_clip

CELLS = (3, 4, 4)  # cells over time, height and width
# One of each pair of opposite neighbors of a cube, as unit vectors over (time, height, width). With their opposites,
# these are 26 directions.
_HALF = [
    np.array(d) / np.linalg.norm(d)
    for d in itertools.product((-1, 0, 1), repeat=3)
    if d > (0, 0, 0)
]
NUM_DIRECTIONS = 2 * len(_HALF)


def hog3d(clips: np.ndarray) -> np.ndarray:
    """Describe each clip by its gradients over time, height and width.

    A gradient counts with its length for the nearest of 26 directions, in one of 3 x 4 x 4 cells. Each value is the
    square root of the mean in a cell, so that strong edges do not outweigh all others.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N, D] float32. D is 26 times the number of cells, 1,248 for clips of at least 3 frames of 4 x 4 pixels.
    """
    return per_clip(_hog3d, clips)


def _hog3d(clip: np.ndarray) -> np.ndarray:
    light = luminance(clip)
    gradients = [np.gradient(light, axis=axis) for axis in range(3)]
    best = np.zeros_like(light)
    direction = np.zeros(light.shape, np.int32)
    for number, unit in enumerate(_HALF):
        along = sum(weight * part for weight, part in zip(unit, gradients, strict=True) if weight)
        size = np.abs(along)
        better = size > best
        np.copyto(best, size, where=better)
        np.copyto(direction, 2 * number + (along < 0), where=better)
    length = np.sqrt(sum(np.square(part) for part in gradients))
    index, cells, pixels = _cells(light.shape)
    sums = np.bincount(
        (index + direction).ravel(), length.ravel(), minlength=cells * NUM_DIRECTIONS
    )
    return np.sqrt(sums / pixels).astype(np.float32)


def _cells(shape: tuple[int, ...]) -> tuple[np.ndarray, int, float]:
    """Return the first bin of each pixel's cell [T, H, W], the number of cells, and the mean pixels of a cell."""
    numbers = [
        np.repeat(np.arange(len(edges) - 1), np.diff(edges))
        for edges in (cell_edges(size, most) for size, most in zip(shape, CELLS, strict=True))
    ]
    counts = [int(number[-1]) + 1 for number in numbers]
    cell = (numbers[0][:, None, None] * counts[1] + numbers[1][:, None]) * counts[2] + numbers[2]
    total = int(np.prod(counts))
    return cell * NUM_DIRECTIONS, total, float(np.prod(shape)) / total
