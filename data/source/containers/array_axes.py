"""Meaning of the axes and values of an array of videos, guessed from its shape and content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

_CHANNELS = (1, 3, 4)
_LIKE_CHANNELS = 0.5  # color channels of a picture have at least this correlation
_LOOKED_AT = 4  # indices along each axis
_SMALLEST_SIDE = 8  # pixels


class Meaning(NamedTuple):
    """How an array is read."""

    axes: str  # N videos, T frames, H, W, C channels; one letter for each axis
    scale: str  # of video_arrays.SCALES


Look = Callable[[tuple[int | slice, ...]], np.ndarray]


def guess_meaning(shape: tuple[int, ...], dtype: np.dtype, look: Look) -> Meaning | None:
    """Guesses the meaning of an array, or returns None if it cannot hold videos.

    `look` reads a part of the array, with an index or a slice for each axis. Neighboring frames of a video
    are more alike than frames of different videos. This tells the axis of the frames from that of the videos.
    If nothing changes along one of the axes, the other one holds the frames.
    """
    axes = _axes(shape, look)
    if axes is None or min(shape[axes.index(axis)] for axis in "HW") < _SMALLEST_SIDE:
        return None
    pictures = np.stack(list(_pictures(shape, axes, look)))
    return Meaning(axes, _scale(pictures, dtype))


def _axes(shape: tuple[int, ...], look: Look) -> str | None:
    if len(shape) == 3:
        return None if shape[-1] in _CHANNELS else "THW"
    if len(shape) == 4:
        if shape[3] in _CHANNELS:
            return "THWC"
        if shape[1] in _CHANNELS and _are_channels(look((0,)), axis=0):
            return "TCHW"
        return _videos_and_frames("{}{}HW", shape, look)
    if len(shape) == 5:
        if shape[4] in _CHANNELS:
            return _videos_and_frames("{}{}HWC", shape, look)
        if shape[2] in _CHANNELS:
            return _videos_and_frames("{}{}CHW", shape, look)
        return "NCTHW" if shape[1] in _CHANNELS else None
    return None


def _are_channels(planes: np.ndarray, axis: int) -> bool:
    """[C, H, W] -> whether the planes are channels of one picture and not different videos."""
    first, *others = np.moveaxis(planes.astype(np.float64), axis, 0)
    if not others:
        return True
    if not first.std() or not others[0].std():
        return False
    return float(np.corrcoef(first.ravel(), others[0].ravel())[0, 1]) > _LIKE_CHANNELS


def _videos_and_frames(pattern: str, shape: tuple[int, ...], look: Look) -> str:
    first, second = (min(_LOOKED_AT, size) for size in shape[:2])
    part = look((slice(0, first), slice(0, second))).astype(np.float64)
    changes = [
        np.abs(np.diff(part, axis=axis)).mean() if part.shape[axis] > 1 else 0.0 for axis in (0, 1)
    ]
    # Without any change an axis does not tell: the videos are the same, or the frames are.
    frames_first = changes[0] < changes[1] if all(changes) else changes[0] > changes[1]
    return pattern.format("T", "N") if frames_first else pattern.format("N", "T")


def _pictures(shape: tuple[int, ...], axes: str, look: Look) -> Iterator[np.ndarray]:
    """Yields the first pictures along each axis of videos and frames."""
    for axis in "NT":
        if axis in axes:
            for index in range(min(_LOOKED_AT, shape[axes.index(axis)])):
                place = [0 if name in "NT" else slice(None) for name in axes]
                place[axes.index(axis)] = index
                yield look(tuple(place))


def _scale(pictures: np.ndarray, dtype: np.dtype) -> str:
    """Which range the values have: 0 to 255, 0 to 1, or -1 to 1."""
    if pictures.min() < 0:
        return "signed"
    return "unit" if dtype.kind == "b" or 0 < pictures.max() <= 1 else "levels"
