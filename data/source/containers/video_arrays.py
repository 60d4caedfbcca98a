"""Videos in NumPy arrays and in records of raw frames, as .npy files [T, H, W, 3] uint8 for the decoder."""

from __future__ import annotations

import io
import math
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np

MAX_VIDEO_BYTES = 2**30  # of one video; it is held in memory
_BAD_HEADER = (ValueError, KeyError, SyntaxError, EOFError, RecursionError, MemoryError, TokenError)
# How values become levels from 0 to 255.
SCALES = {"levels": (0.0, 1.0), "unit": (0.0, 255.0), "signed": (1.0, 127.5)}  # (added, factor)


class ArrayHeader:
    """The header of an .npy file and the place of its elements."""

    def __init__(self, file: BinaryIO, file_bytes: int | None = None) -> None:
        """Raises OSError when the file is not a usable .npy file. Pickled objects are never loaded.

        With `file_bytes`, the shape must fit into a file of this size.
        """
        try:
            version = np.lib.format.read_magic(file)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            self.shape, self.is_fortran, self.dtype = read(file)
        except _BAD_HEADER as error:
            raise OSError(f"the header of the array is damaged: {error}") from error
        if self.dtype.hasobject or self.dtype.kind not in "biuf":
            raise OSError(f"the array has elements of type {self.dtype}, not numbers")
        self.offset = file.tell()
        size = math.prod(self.shape) * self.dtype.itemsize
        if min(self.shape, default=0) < 0 or self.offset + size > (file_bytes or math.inf):
            raise OSError(f"an array of shape {self.shape} does not fit into the file")


def array_video(file: BinaryIO, axes: str, index: str, scale: str) -> bytes:
    """Returns one video of the array in the .npy file `file`.

    `axes` names the axes: N videos, T frames, H, W, C channels. `index` is the number of the video, or
    "first-end" for a span of frames when no axis is N. Only the needed part of the file is read.
    Raises OSError.
    """
    header = ArrayHeader(file)
    spans = [slice(0, size) for size in header.shape]
    if "N" in axes:
        number = int(index)
        spans[axes.index("N")] = slice(number, number + 1)
    elif index:
        first, end = map(int, index.split("-"))
        spans[axes.index("T")] = slice(first, end)
    wanted = math.prod(span.stop - span.start for span in spans)
    if wanted * header.dtype.itemsize > MAX_VIDEO_BYTES:
        raise OSError(f"one video of the array has more than {MAX_VIDEO_BYTES // 2**20} MiB")
    return npy_bytes(_levels(_arranged(read_part(file, header, spans), axes), scale))


def raw_frames(features: Any, suffix: str) -> bytes:
    """Returns the features "0<suffix>", "1<suffix>", … of a tf.train.Example, square raw RGB frames.

    Raises OSError.
    """
    frames: list[bytes] = []
    while (key := f"{len(frames)}{suffix}") in features:
        frames.append(b"".join(features[key].bytes_list.value[:1]))
    side = math.isqrt(len(frames[0]) // 3) if frames else 0
    if not side or {len(frame) for frame in frames} != {side * side * 3}:
        raise OSError("the raw frames in the record are not square or differ in size")
    return npy_bytes(np.frombuffer(b"".join(frames), np.uint8).reshape(-1, side, side, 3))


def npy_bytes(video: np.ndarray) -> bytes:
    """[T, H, W, 3] uint8 -> the content of an .npy file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(video), version=(1, 0), allow_pickle=False)
    return file.getvalue()


def read_part(file: BinaryIO, header: ArrayHeader, spans: list[slice]) -> np.ndarray:
    """Reads the part of the array that `spans` give, one for each axis. Other bytes are not read.

    Raises OSError.
    """
    shape, spans = header.shape, list(spans)
    if header.is_fortran:
        shape, spans = shape[::-1], spans[::-1]
    whole = len(shape)  # from this axis on all elements are wanted
    while whole and spans[whole - 1] == slice(0, shape[whole - 1]):
        whole -= 1
    inner = max(whole - 1, 0)
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    run = math.prod(span.stop - span.start for span in spans[inner:])
    outer = [range(span.start, span.stop) for span in spans[:inner]]
    found = []
    for place in np.ndindex(*map(len, outer)):
        start = sum(
            axis[i] * stride for axis, i, stride in zip(outer, place, strides, strict=False)
        )
        if shape:
            start += spans[inner].start * strides[inner]
        found.append(_elements(file, header, start, run))
    counts = [span.stop - span.start for span in spans]
    read = np.concatenate(found).reshape(counts)
    return read.T if header.is_fortran else read


def _elements(file: BinaryIO, header: ArrayHeader, start: int, count: int) -> np.ndarray:
    size = header.dtype.itemsize
    file.seek(header.offset + start * size)
    content = file.read(count * size)
    if len(content) < count * size:
        raise OSError("the array is truncated")
    return np.frombuffer(content, header.dtype)


def _arranged(part: np.ndarray, axes: str) -> np.ndarray:
    """Part of an array with the named axes -> [T, H, W, 3]."""
    if "N" in axes:
        part = part.take(0, axis=axes.index("N"))
        axes = axes.replace("N", "")
    if "C" not in axes:
        part, axes = part[..., np.newaxis], axes + "C"
    video = part.transpose([axes.index(axis) for axis in "THWC"])
    return np.repeat(video, 3, axis=-1) if video.shape[-1] == 1 else video[..., :3]


def _levels(video: np.ndarray, scale: str) -> np.ndarray:
    if video.dtype == np.uint8 and scale == "levels":
        return video
    added, factor = SCALES[scale]
    levels = (video.astype(np.float32) + added) * factor
    return np.rint(np.nan_to_num(levels)).clip(0, 255).astype(np.uint8)
