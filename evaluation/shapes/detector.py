"""Detects the moving shape in each frame: its position, area and color. Pure numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_CLIPS_AT_ONCE = 64  # limits memory to about 100 MB at 64x64x16
# The level of a frame is the light of its 0.5 % brightest pixels (20 of 64x64). That is less than half the smallest
# shape of the authors' set, but more than a stray pixel.
_LEVEL_QUANTILE = 0.995
# Of 255. The authors draw channels uniformly from 0 to 255. The largest channel of their darkest shapes is 29.
_MIN_LEVEL = 24
_LEVEL_FRACTION = 0.5
_MIN_GROUP_FRACTION = 0.8
_MAX_BACKGROUND = 16  # of 255, maximum mean light around the shape; it is 0 in real clips

THRESHOLDS = {
    "level_quantile": _LEVEL_QUANTILE,
    "min_level": _MIN_LEVEL,
    "level_fraction": _LEVEL_FRACTION,
    "min_group_fraction": _MIN_GROUP_FRACTION,
    "max_background": _MAX_BACKGROUND,
}


class NotShapeMotion(ValueError):
    """The real clips do not show the shapes that the metrics need."""


class AreaRange(NamedTuple):
    """Areas of the smallest and largest shape of a dataset, in pixels."""

    smallest: float
    largest: float


# The authors' set at 64x64: discs of 47, 79, 111, 151 and squares of 64, 100, 144, 196 pixels.
AUTHORS_AREAS = AreaRange(47, 196)


class DetectedShapes(NamedTuple):
    """The shape in each frame of N clips. Values are 0 in frames without a detected shape."""

    detected: np.ndarray  # [N, T] bool
    area: np.ndarray  # [N, T] float32, pixels
    color: np.ndarray  # [N, T, 3] float32, mean of the shape's pixels in [0, 255]
    center: np.ndarray  # [N, T, 2] float32, (x, y) in pixels, y downwards
    # [N, T] float32, area / area of the upright bounding box: 1 for a square, about 0.7 for a disc
    fill: np.ndarray


def detect_shapes(clips: np.ndarray, areas: AreaRange = AUTHORS_AREAS) -> DetectedShapes:
    """Detect the shape in each frame of clips [N, T, H, W, 3] uint8 if the frame shows exactly one shape on black.

    The light of a pixel is its largest channel. The level of a frame is the light of its 0.5 % brightest pixels. The
    bright pixels are those above half the level. So the color of the shape and the softness of its edge do not matter.
    The largest connected group of bright pixels (diagonals connect) is the shape. It is detected if:

    - the level is above 24 of 255,
    - the group contains at least 0.8 of the bright pixels,
    - its area is between half the smallest and twice the largest of `areas`,
    - the mean light of all other pixels is at most 16 of 255, so the shape is on black.

    Noise, fog, black frames and several shapes do not count as a shape.

    Args:
        clips: [N, T, H, W, 3] uint8.
        areas: Areas of the smallest and largest real shape in pixels, from `area_range`.

    Returns:
        Detection, area, color, center and fill of the shape in each frame, [N, T, ...].

    Raises:
        ValueError: `clips` is not [N, T, H, W, 3] uint8.
    """
    if clips.ndim != 5 or clips.shape[-1] != 3 or clips.dtype != np.uint8:
        raise ValueError(f"clips must be [N, T, H, W, 3] uint8, got {clips.shape} {clips.dtype}")
    parts = [
        _detect(clips[start : start + _CLIPS_AT_ONCE], areas)
        for start in range(0, max(1, len(clips)), _CLIPS_AT_ONCE)
    ]
    return DetectedShapes(*map(np.concatenate, zip(*parts, strict=True)))


def area_range(clips: np.ndarray) -> AreaRange:
    """Return the range of shape areas in real clips. Each clip counts with its median area over the frames.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Raises:
        NotShapeMotion: No frame shows a shape between 4 pixels and half the frame.
    """
    height, width = clips.shape[2:4]
    shapes = detect_shapes(clips, AreaRange(8, height * width / 4))
    seen = shapes.detected.any(axis=1)
    if not seen.any():
        raise NotShapeMotion("no clip shows exactly one shape on black: use shape motion videos")
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
    # Labeling is slow, especially for noise. Frames that cannot pass are excluded first.
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
    """Mark the largest group of connected pixels (diagonals connect) in each frame: bool [F, H, W] -> [F, H, W].

    The first group in reading order wins if groups are equally large. An empty frame stays empty.
    """
    # All frames are labeled at once. Bright pixels are joined into horizontal runs, then runs that touch in successive
    # rows are joined into groups. A dark column and row after each frame keep rows and frames apart in memory.
    padded = np.pad(bright, ((0, 0), (0, 1), (0, 1)))
    row = padded.shape[2]
    flat = padded.ravel()
    begins = flat & ~np.concatenate([[False], flat[:-1]])
    run = np.cumsum(begins) - 1  # index of each bright pixel's horizontal run
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
    order = np.lexsort((-np.arange(len(sizes)), sizes))  # the last group of a frame is its largest
    largest = np.full(len(bright), -1)
    largest[frame_of_run[order]] = order
    flat = np.zeros_like(flat)
    flat[lit] = group == largest[frame_of_run[group]]
    return flat.reshape(padded.shape)[:, :-1, :-1]


def _join(parent: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    """Join each pair (one, other): point all entries of a group in `parent` to its first entry, in place."""
    while True:
        first = np.minimum(parent[one], parent[other])
        second = np.maximum(parent[one], parent[other])
        if np.array_equal(first, second):
            return
        np.minimum.at(parent, second, first)
        while not np.array_equal(shortcut := parent[parent], parent):
            parent[:] = shortcut
