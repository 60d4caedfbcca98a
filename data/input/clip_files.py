"""Clips of any model, read whole from files: NumPy arrays, videos, GIFs and film strips."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.frame_scaler import FrameScaler
from mocogan.data.decoding.images.film_strip import is_film_strip, open_film_strip
from mocogan.data.decoding.images.gif_file import is_gif, open_gif
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.progress import progress
from mocogan.data.rejection import VideoRejected
from mocogan.data.source.local_folder import read_local_folder

KINDS = "NumPy arrays (.npy), videos, GIFs and film strips (PNG or JPEG)"
# Limits of IngestConfig, because real clips of the same shape are needed.
_SIDES = range(8, 513)
_NUM_FRAMES = range(2, 257)
_ARRAY_MAGIC = b"\x93NUMPY"
_HEAD_BYTES = 16


class ClipFilesRefused(ValueError):
    """The clips of a folder cannot be used. The message names the file and the reason."""


class ClipFiles(NamedTuple):
    """Clips of a folder."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8, in random order
    notes: tuple[str, ...]  # what was left out


class _StoredClip(NamedTuple):
    path: str
    number: int | None = None  # in an array of several clips


def read_clip_files(folder: str, max_clips: int, seed: int = 0) -> ClipFiles:
    """Reads the clips in a local folder and its subfolders, with a progress bar.

    A file is a clip. A `.npy` file is an array `[T, H, W, 3]` or `[N, T, H, W, 3]` of uint8.

    Args:
        folder: Folder with files of KINDS and no other files. Hidden files are left out.
        max_clips: Maximum number of clips. From more of them, this many are chosen at random.
        seed: Seed of the choice and of the order.

    Returns:
        The clips and notes.

    Raises:
        ClipFilesRefused: There is no clip, a file is not a clip, or two clips have different shapes.
        OSError: The folder cannot be read.
    """
    stored, notes = _list(folder)
    order = np.random.default_rng(seed).permutation(len(stored))[:max_clips]
    if len(order) < len(stored):
        notes.append(f"{len(order)} of {len(stored)} clips were chosen at random")
    chosen = [stored[number] for number in order]
    first = _read(chosen[0])
    clips = np.empty((len(chosen), *first.shape), np.uint8)
    with progress("reading generated clips", len(chosen), "clips") as bar:
        for place, one in enumerate(chosen):
            clip = _read(one)
            if clip.shape != first.shape:
                raise _different(chosen[0], first, one, clip)
            clips[place] = clip
            bar.advance(1)
    return ClipFiles(clips, tuple(notes))


def _list(folder: str) -> tuple[list[_StoredClip], list[str]]:
    contents = read_local_folder(folder)
    for name, _, message in contents.refusals:
        raise ClipFilesRefused(f"{folder}/{os.fsdecode(name)} cannot be used: {message}")
    stored: list[_StoredClip] = []
    for file in sorted(contents.files):
        if _head(file.path).startswith(_ARRAY_MAGIC):
            stored += _clips_of_array(file.path)
        else:
            stored.append(_StoredClip(file.path))
    if not stored:
        raise ClipFilesRefused(f"{folder} contains no clips. Put {KINDS} there")
    hidden = contents.hidden_files + contents.hidden_folders
    return stored, [f"{hidden} hidden files or folders ignored"] if hidden else []


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_HEAD_BYTES)


def _clips_of_array(path: str) -> list[_StoredClip]:
    array = _open_array(path)
    if array.dtype != np.uint8 or array.ndim not in (4, 5):
        raise ClipFilesRefused(
            f"{path} must be [T, H, W, 3] or [N, T, H, W, 3] uint8, "
            f"but it is {list(array.shape)} {array.dtype}"
        )
    if array.ndim == 4:
        return [_StoredClip(path)]
    return [_StoredClip(path, number) for number in range(len(array))]


def _open_array(path: str) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ClipFilesRefused(f"{path} cannot be read: {error}") from error
    return array


def _read(stored: _StoredClip) -> np.ndarray:
    """Read one clip, [T, H, W, 3] uint8."""
    head = _head(stored.path)
    if head.startswith(_ARRAY_MAGIC):
        array = _open_array(stored.path)
        clip = np.asarray(array if stored.number is None else array[stored.number])
    else:
        try:
            frames = list(islice(_frames(stored.path, head), _NUM_FRAMES.stop))
            if not frames:
                raise VideoRejected("zero_frames", "it has no frames")
        except VideoRejected as error:
            raise ClipFilesRefused(
                f"{stored.path} is not a clip: {error.message}. A clip is one of {KINDS}"
            ) from error
        clip = np.stack(frames)
    _check_shape(stored.path, clip)
    return clip


def _frames(path: str, head: bytes) -> Iterator[np.ndarray]:
    """Yield the frames of a file that is not an array, [H, W, 3] uint8. Raises VideoRejected."""
    if not head:
        raise VideoRejected("empty_file", "the file is empty")
    if is_gif(head):
        with open_gif(path) as gif:
            _check_size(path, gif.facts)
            yield from gif.frames()
    elif is_film_strip(head):
        with open_film_strip(path, IngestConfig()) as strip:
            for frame in strip.frames():
                yield np.asarray(frame.image)
    else:
        with open_pyav(path, IngestConfig()) as video:
            _check_size(path, video.facts)
            to_rgb = FrameScaler(IngestConfig(size=video.facts.height))  # changes no size
            yield from map(to_rgb, video.frames())


def _check_size(path: str, facts: VideoFacts) -> None:
    """Refuse frames that are too large before they are decoded."""
    _check_frame(path, facts.height, facts.width)


def _check_shape(path: str, clip: np.ndarray) -> None:
    num_frames, height, width, channels = clip.shape
    _check_frame(path, height, width)
    if channels != 3:
        raise ClipFilesRefused(f"{path} must have 3 channels (RGB), but it has {channels}")
    if num_frames not in _NUM_FRAMES:
        some = num_frames if num_frames < _NUM_FRAMES.stop else "more"
        raise ClipFilesRefused(
            f"{path} must have {_NUM_FRAMES.start} to {_NUM_FRAMES[-1]} frames, but it has {some}"
        )


def _check_frame(path: str, height: int, width: int) -> None:
    if height != width or height not in _SIDES:
        raise ClipFilesRefused(
            f"{path} must have square frames of {_SIDES.start} to {_SIDES[-1]} pixels, "
            f"but they are {height}x{width}"
        )


def _different(
    first: _StoredClip, clip: np.ndarray, other: _StoredClip, other_clip: np.ndarray
) -> ClipFilesRefused:
    shapes = ["x".join(map(str, one.shape[:3])) for one in (clip, other_clip)]
    hint = ""
    if clip.shape[1:] == other_clip.shape[1:] and any(
        is_gif(_head(one.path)) for one in (first, other)
    ):
        hint = ". Programs that write GIFs leave out repeated frames, so use another format"
    return ClipFilesRefused(
        f"all clips must have the same shape, but {first.path} is {shapes[0]} and "
        f"{other.path} is {shapes[1]}{hint}"
    )
