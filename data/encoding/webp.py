"""Animated WebPs of clips."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

from mocogan.data.encoding.formats import UNKNOWN_RATE
from mocogan.data.encoding.pictures import check_clip, enlarge, frame_times

_TICKS_PER_SECOND = 1000  # the unit of durations in a WebP
_ANIMATION_FLAG = 0x02
_REPLACE_PIXELS = 0x02  # of a frame: do not blend it with the frame before
_FIRST_CHUNK = 12  # in a file, after "RIFF", its size and "WEBP"
_CHUNK_HEADER = 8  # name and size
_FRAME_HEADER = 16  # of a frame in an animation: place, size, duration and flags
_METHOD = 1  # as small as higher ones for generated clips, and several times as fast
_LOSSY_METHOD = 2  # a fifth smaller than 1 for videos, and nearly as fast


def encode_webp(
    frames: np.ndarray, fps: float | None = None, scale: int = 1, quality: int | None = None
) -> bytes:
    """Encodes a clip as an animated WebP, without loss by default. It loops forever.

    Every frame is kept, also if it equals the one before. libwebp's encoder of animations would merge the two, so the
    pictures are put together here.
    Format: https://developers.google.com/speed/webp/docs/riff_container

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        fps: Frames per second of the clip. None: it is not known, and 10 are shown. Durations are whole milliseconds,
            and alternate to keep the rate.
        scale: Factor by which each pixel is enlarged in height and width.
        quality: From 0 (smallest file) to 100 (best picture), with loss. None: without loss.

    Raises:
        ValueError: `frames` has another shape or dtype, or `quality` is out of range.
    """
    check_clip(frames)
    if quality is not None and not 0 <= quality <= 100:
        raise ValueError(f"quality must be from 0 to 100, got {quality}")
    _, height, width, _ = frames.shape
    durations = np.diff(frame_times(len(frames), fps or UNKNOWN_RATE, _TICKS_PER_SECOND))
    header = struct.pack("<I", _ANIMATION_FLAG) + _size(height * scale, width * scale)
    forever = struct.pack("<IH", 0, 0)  # background color, number of loops
    chunks = [_chunk(b"VP8X", header), _chunk(b"ANIM", forever)]
    previous = None
    for frame, duration in zip(frames, durations, strict=True):
        top, left, changed = _changed_part(frame, previous) if quality is None else (0, 0, frame)
        picture = enlarge(changed, scale)
        place = _three_bytes(left * scale // 2) + _three_bytes(top * scale // 2)
        shown = _size(*picture.shape[:2]) + _three_bytes(duration) + bytes([_REPLACE_PIXELS])
        chunks.append(_chunk(b"ANMF", place + shown + _encoded(picture, quality)))
        previous = frame
    return _chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def first_picture(animation: bytes) -> bytes:
    """Returns the first frame of an animation of `encode_webp` as a WebP of its own, without encoding it again."""
    header = _FIRST_CHUNK
    while animation[header : header + 4] != b"ANMF":
        header += _CHUNK_HEADER + _chunk_size(animation, header)
    start = header + _CHUNK_HEADER
    picture = animation[start + _FRAME_HEADER : start + _chunk_size(animation, header)]
    return _chunk(b"RIFF", b"WEBP" + picture)


def _changed_part(frame: np.ndarray, previous: np.ndarray | None) -> tuple[int, int, np.ndarray]:
    """Top, left and pixels of the smallest part that holds all changes. Top and left are even, as WebP needs them."""
    if previous is None:
        return 0, 0, frame
    rows, columns = np.nonzero((frame != previous).any(axis=-1))
    if not rows.size:
        return 0, 0, frame[:1, :1]  # a frame cannot be empty
    top, left = rows.min() // 2 * 2, columns.min() // 2 * 2
    return int(top), int(left), frame[top : rows.max() + 1, left : columns.max() + 1]


def _encoded(picture: np.ndarray, quality: int | None) -> bytes:
    """The chunk with the pixels of one picture."""
    options = {"lossless": True, "method": _METHOD}
    if quality is not None:
        options = {"quality": quality, "method": _LOSSY_METHOD}
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", **options)
    return buffer.getvalue()[_FIRST_CHUNK:]


def _size(height: int, width: int) -> bytes:
    return _three_bytes(width - 1) + _three_bytes(height - 1)


def _three_bytes(number: int) -> bytes:
    return int(number).to_bytes(3, "little")


def _chunk_size(file: bytes, header: int) -> int:
    """The number of bytes of the chunk whose header begins at `header`."""
    return int.from_bytes(file[header + 4 : header + 8], "little")


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
