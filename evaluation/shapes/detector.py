"""Detects the moving shape in each frame: its position, area and color. Pure numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_CLIPS_AT_ONCE = 64  # bounds the memory to some 100 MB at 64x64x16
# The level of a frame is that of its 0.5 % brightest pixels (20 of 64x64), not of its brightest one: less than half of
# the smallest shape of the authors' set, and more than a stray pixel.
_LEVEL_QUANTILE = 0.995
# Of 255. The authors draw channels uniformly from 0 to 255; the darkest of their shapes have 29 in the largest.
_MIN_LEVEL = 24
_LEVEL_FRACTION = 0.5
_MIN_GROUP_FRACTION = 0.8
_MAX_BACKGROUND = 16  # of 255, their mean light at most: the surroundings of a real shape have 0

THRESHOLDS = {
    "level_quantile": _LEVEL_QUANTILE,
    "min_level": _MIN_LEVEL,
    "level_fraction": _LEVEL_FRACTION,
    "min_group_fraction": _MIN_GROUP_FRACTION,
    "max_background": _MAX_BACKGROUND,
}


class NotShapeMotion(ValueError):
    """Real clips without shapes to compare with."""


class AreaRange(NamedTuple):
    """Pixels of the smallest and of the largest shape of a data set."""

    smallest: float
    largest: float


# The authors' set at 64x64: discs of 47, 79, 111, 151 and squares of 64, 100, 144, 196 pixels.
AUTHORS_AREAS = AreaRange(47, 196)


class DetectedShapes(NamedTuple):
    """The shape of each frame of N clips; zeros where none was detected."""

    detected: np.ndarray  # [N, T] bool
    area: np.ndarray  # [N, T] float32, pixels
    color: np.ndarray  # [N, T, 3] float32, mean of the shape's pixels in [0, 255]
    center: np.ndarray  # [N, T, 2] float32, (x, y) in pixels, y downwards
    fill: np.ndarray  # [N, T] float32, area / area of the upright bounding box: 1 for a square, about 0.7 for a disc


def detect_shapes(clips: np.ndarray, areas: AreaRange = AUTHORS_AREAS) -> DetectedShapes:
    """The shape of each frame, if the frame holds exactly one on black.

    Light is a pixel's largest channel. The frame's level is the light of its 0.5 % brightest pixels. The shape's pixels
    are those above half of the level: its width at half height, whatever its color and however soft its edge. The
    largest connected group of them (diagonals connect) is the shape. It is detected when

    - the level is above 24 of 255,
    - the group holds at least 0.8 of the pixels above half of the level,
    - its area lies between half the smallest and twice the largest of `areas`,
    - the frame's other pixels have a mean light of at most 16 of 255: the shape lies on black.

    Noise, fog, black frames and several shapes are not detected.

    Args:
        clips: [N, T, H, W, 3] uint8.
        areas: Of the real shapes, in pixels (`area_range`).

    Raises:
        ValueError: `clips` has another shape or type.
    """
    if clips.ndim != 5 or clips.shape[-1] != 3 or clips.dtype != np.uint8:
        raise ValueError(f"clips must be [N, T, H, W, 3] uint8, got {clips.shape} {clips.dtype}")
    parts = [
        _detect(clips[start : start + _CLIPS_AT_ONCE], areas)
        for start in range(0, max(1, len(clips)), _CLIPS_AT_ONCE)
    ]
    return DetectedShapes(*map(np.concatenate, zip(*parts, strict=True)))


def area_range(clips: np.ndarray) -> AreaRange:
    """The range of the shapes' areas in real clips: of each clip's median over its frames.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Raises:
        NotShapeMotion: No frame holds a shape of between 4 pixels and half the frame.
    """
    height, width = clips.shape[2:4]
    shapes = detect_shapes(clips, AreaRange(8, height * width / 4))
    seen = shapes.detected.any(axis=1)
    if not seen.any():
        raise NotShapeMotion("no clip holds one shape on black: these metrics need shape motion")
    medians = np.nanmedian(np.where(shapes.detected, shapes.area, np.nan)[seen], axis=1)
    return AreaRange(float(medians.min()), float(medians.max()))


def _detect(clips: np.ndarray, areas: AreaRange) -> DetectedShapes:
    """`detect_shapes` for a few clips."""
    frames = clips.reshape(-1, *clips.shape[2:])
    light = np.maximum(np.maximum(frames[..., 0], frames[..., 1]), frames[..., 2])
    pixels = light.reshape(len(light), -1)
    place = int(_LEVEL_QUANTILE * (pixels.shape[1] - 1))
    level = np.partition(pixels, place, axis=1)[:, place]
    bright = light > level[:, None, None] * _LEVEL_FRACTION
    num_bright = bright.sum(axis=(1, 2))
    # Labeling is slow, and slowest for noise: frames that cannot pass are left out first.
    possible = (level > _MIN_LEVEL) & (num_bright * _MIN_GROUP_FRACTION <= 2 * areas.largest)
    bright &= possible[:, None, None]
    shape = largest_groups(bright)
    area = shape.sum(axis=(1, 2))
    rest = pixels.sum(axis=1) - (light * shape).sum(axis=(1, 2))
    detected = (
        possible
        & (area >= _MIN_GROUP_FRACTION * num_bright)
        & (area >= areas.smallest / 2)
        & (area <= 2 * areas.largest)
        & (rest <= _MAX_BACKGROUND * np.maximum(pixels.shape[1] - area, 1))
    )
    weights = (shape & detected[:, None, None]) / np.maximum(area, 1)[:, None, None]
    weights = weights.astype(np.float32)
    center = [weights.sum(axis=1) @ np.arange(light.shape[2], dtype=np.float32)]
    center += [weights.sum(axis=2) @ np.arange(light.shape[1], dtype=np.float32)]
    color = np.einsum("fhw,fhwc->fc", weights, frames.astype(np.float32))
    # A connected group has no empty row or column within its bounding box.
    box = shape.any(axis=1).sum(axis=1) * shape.any(axis=2).sum(axis=1)
    leading_axes = clips.shape[:2]
    return DetectedShapes(
        detected.reshape(leading_axes),
        (area * detected).astype(np.float32).reshape(leading_axes),
        color.reshape(*leading_axes, 3),
        np.stack(center, axis=-1).reshape(*leading_axes, 2),
        (area * detected / np.maximum(box, 1)).astype(np.float32).reshape(leading_axes),
    )


def largest_groups(bright: np.ndarray) -> np.ndarray:
    """bool [F, H, W] -> bool [F, H, W]: each frame's largest group of connected pixels, diagonals included.

    Of equally large groups the first in reading order; empty where the frame is.
    """
    # A dark column and row at the ends, so that neighbors in memory are neighbors in the frame.
    padded = np.pad(bright, ((0, 0), (0, 1), (0, 1)))
    row = padded.shape[2]
    flat = padded.ravel()
    begins = flat & ~np.concatenate([[False], flat[:-1]])
    run = np.cumsum(begins) - 1  # index of each bright pixel's run of bright pixels side by side
    parent = np.arange(run[-1] + 1 if len(run) else 0)
    pairs = []
    for offset in (row - 1, row, row + 1):
        both = np.flatnonzero(flat[:-offset] & flat[offset:])
        pairs.append((run[both], run[both + offset]))
    one, other = map(np.concatenate, zip(*pairs, strict=True))
    _join(parent, one, other)
    lit = np.flatnonzero(flat)
    group = parent[run[lit]]
    sizes = np.bincount(group, minlength=len(parent))
    frame_of_run = np.flatnonzero(begins) // (padded.shape[1] * row)
    order = np.lexsort((-np.arange(len(sizes)), sizes))  # the last of a frame is its largest
    largest = np.full(len(bright), -1)
    largest[frame_of_run[order]] = order
    flat = np.zeros_like(flat)
    flat[lit] = group == largest[frame_of_run[group]]
    return flat.reshape(padded.shape)[:, :-1, :-1]


def _join(parent: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    """Points each entry of `parent` (in place) to the first entry of the group that the pairs put it in."""
    while True:
        first = np.minimum(parent[one], parent[other])
        second = np.maximum(parent[one], parent[other])
        if np.array_equal(first, second):
            return
        np.minimum.at(parent, second, first)
        while not np.array_equal(shortcut := parent[parent], parent):
            parent[:] = shortcut
