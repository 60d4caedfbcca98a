"""What a file shows: one clip, a grid, a matrix of contents and motions, or an interpolation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mocogan.data.pixels import GRID_GAP, clips_to_grid
from mocogan.data.progress import Progress
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.generate.clip_source import ClipSource, Drawn
from mocogan.pipeline.generate.request import GenerateRequest

MOTION_STEPS = 8  # clips from one seed to the next, if the motion is interpolated

_MAX_SIDE = 8192  # pixels; larger videos do not play everywhere
_MAX_FILE_BYTES = 1 << 30  # of the pixels of one file, which is made in memory
_MAX_NAME = 80  # characters of a label or a caption in a file name


class TooLarge(ExpectedError):
    """A file would be too large. The message names the options."""


class ClipFile(NamedTuple):
    """A file to write."""

    name: str  # without an extension
    clip: np.ndarray  # [T, H, W, 3] uint8
    seeds: tuple[int, ...]
    labels: tuple[str | None, ...]  # class of each seed, or of each motion seed; None: not known
    motion_seeds: tuple[int, ...] | None = None


def work_units(request: GenerateRequest, num_frames: int) -> tuple[int, str]:
    """The number of reports that `clip_files` makes to its progress bar, and what they count."""
    if request.interpolate == "content":
        return num_frames, "frames"
    if request.interpolate == "motion":
        return len(request.seeds) * MOTION_STEPS, "clips"
    return len(request.seeds) * len(request.motion_seeds or (0,)), "clips"


def clip_files(source: ClipSource, request: GenerateRequest, bar: Progress) -> Iterator[ClipFile]:
    """Draws the files one after another. Only one file and one call of the model are in memory.

    Raises CannotDraw if the model cannot draw them.
    """
    if request.interpolate == "content":
        yield _content_change(source, request, bar)
    elif request.interpolate == "motion":
        yield _motion_change(source, request, bar)
    elif request.motion_seeds:
        yield _matrix(source, request, request.motion_seeds, bar)
    elif request.grid:
        yield _grid(source, request, request.grid[1], bar)
    else:
        cells = [(seed, seed) for seed in request.seeds]
        for seed, (clip, label) in zip(request.seeds, source.draw(cells), strict=True):
            name = f"seed-{seed:06d}{_suffix(request)}"
            yield ClipFile(name, clip, (seed,), (label,))
            bar.advance()


def check_size(request: GenerateRequest, num_frames: int, height: int, width: int) -> None:
    """Raises TooLarge if frames [H, W] in the layout of the request are too large for a file."""
    rows, columns = request.grid or (1, 1)
    if request.motion_seeds:
        rows, columns = len(request.seeds), len(request.motion_seeds)
    elif request.interpolate == "motion":
        rows, columns = len(request.seeds), MOTION_STEPS
    height, width = (
        (count * (side + GRID_GAP) - GRID_GAP) * request.scale
        for count, side in ((rows, height), (columns, width))
    )
    if max(height, width) > _MAX_SIDE:
        raise TooLarge(
            f"frames of {height}x{width} pixels are too large, at most {_MAX_SIDE} play everywhere. "
            "Choose a smaller --scale or --grid"
        )
    gigabytes = num_frames * height * width * 3 / (1 << 30)
    if gigabytes * (1 << 30) > _MAX_FILE_BYTES:
        raise TooLarge(
            f"one file would have {gigabytes:.1f} GB of pixels, at most 1 GB fits. "
            "Choose a smaller --frames, --scale or --grid"
        )


def _grid(source: ClipSource, request: GenerateRequest, columns: int, bar: Progress) -> ClipFile:
    cells = [(seed, seed) for seed in request.seeds]
    clips, labels = _collect(source.draw(cells), len(cells), bar)
    name = f"grid-{_range(request.seeds)}{_suffix(request)}"
    return ClipFile(name, clips_to_grid(clips, columns), request.seeds, labels)


def _matrix(
    source: ClipSource, request: GenerateRequest, columns: tuple[int, ...], bar: Progress
) -> ClipFile:
    """Rows share a content, columns share a motion and, unless they are chosen, a class and a caption."""
    rows = request.seeds
    cells = list(itertools.product(rows, columns))
    clips, labels = _collect(source.draw(cells), len(cells), bar)
    longer = max(rows, columns, key=len)
    name = f"matrix-{_range(longer)}{_suffix(request)}"
    return ClipFile(name, clips_to_grid(clips, len(columns)), rows, labels[: len(columns)], columns)


def _content_change(source: ClipSource, request: GenerateRequest, bar: Progress) -> ClipFile:
    """One clip whose content goes from seed to seed."""
    frames, labels = _collect(source.content_frames(request.seeds), source.num_frames, bar)
    return _interpolation(request, frames, labels)


def _motion_change(source: ClipSource, request: GenerateRequest, bar: Progress) -> ClipFile:
    """A grid of clips. Each row goes from the motion of a seed to that of the next."""
    clips, labels = _collect(
        source.motion_clips(request.seeds, MOTION_STEPS), len(request.seeds) * MOTION_STEPS, bar
    )
    return _interpolation(request, clips_to_grid(clips, MOTION_STEPS), labels)


def _interpolation(
    request: GenerateRequest, clip: np.ndarray, labels: tuple[str | None, ...]
) -> ClipFile:
    name = f"interpolate-{request.interpolate}-{_range(request.seeds)}{_suffix(request)}"
    return ClipFile(name, clip, request.seeds, labels[:1] * len(request.seeds))


def _collect(
    drawn: Iterator[Drawn], count: int, bar: Progress
) -> tuple[np.ndarray, tuple[str | None, ...]]:
    """Clips [count, T, H, W, 3] or frames [count, H, W, 3], and their classes."""
    pictures, labels = None, []
    for number, (picture, label) in enumerate(drawn):
        if pictures is None:
            pictures = np.empty((count, *picture.shape), np.uint8)
        pictures[number] = picture
        labels.append(label)
        bar.advance()
    assert pictures is not None  # there is at least one seed
    return pictures, tuple(labels)


def _range(seeds: tuple[int, ...]) -> str:
    return f"seeds-{seeds[0]:06d}-{seeds[-1]:06d}"


def _suffix(request: GenerateRequest) -> str:
    """The end of a file name for a chosen class and caption, of characters that every file system and shell takes."""
    chosen = {"label": request.label, "caption": request.caption}
    return "".join(f"-{_safe(text) or name}" for name, text in chosen.items() if text is not None)


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:_MAX_NAME]
