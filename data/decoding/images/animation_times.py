"""Frame times of animated PNG and WebP images, read from their chunks without decoding."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

_PNG = b"\x89PNG\r\n\x1a\n"
# Browsers show a frame of up to 10 ms for 100 ms.
_SHORTEST_MS, _PLAYED_MS = 10, 100


def animation_format(path: str) -> str | None:
    """Returns PNG or WEBP if the file at `path` is an animation of two frames or more. Raises OSError."""
    with open(path, "rb") as file:
        head = file.read(16)
        if head.startswith(_PNG):
            # acTL comes before the picture (PNG specification, third edition, 11.3.6.1).
            for kind, content in _png_chunks(file):
                if kind in (b"acTL", b"IDAT"):
                    return "PNG" if kind == b"acTL" and content[:4] > b"\0\0\0\1" else None
        elif head[:4] == b"RIFF" and head[8:] == b"WEBPVP8X":
            return "WEBP" if len(_webp_milliseconds(file)) > 1 else None
    return None


def milliseconds(path: str, form: str) -> list[float]:
    """Returns how long each frame is shown. `form` is from `animation_format`. Raises OSError."""
    with open(path, "rb") as file:
        told = _READERS[form](file)
    return [duration if duration > _SHORTEST_MS else _PLAYED_MS for duration in told]


def _png_milliseconds(file: BinaryIO) -> list[float]:
    durations = []
    for kind, content in _png_chunks(file):
        if kind == b"fcTL" and len(content) >= 24:  # third edition, 11.3.6.2
            ticks, ticks_a_second = struct.unpack_from(">HH", content, 20)
            durations.append(1000 * ticks / (ticks_a_second or 100))
    return durations


def _webp_milliseconds(file: BinaryIO) -> list[float]:
    durations = []
    for kind, content in _webp_chunks(file):
        if kind == b"ANMF" and len(content) >= 16:  # RFC 9649, 2.7.1.1
            durations.append(float(int.from_bytes(content[12:15], "little")))
    return durations


_READERS: dict[str, Callable[[BinaryIO], list[float]]] = {
    "PNG": _png_milliseconds,
    "WEBP": _webp_milliseconds,
}


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yields the type of each chunk and the beginning of its content."""
    file.seek(len(_PNG))
    while len(head := file.read(8)) == 8:
        length = int.from_bytes(head[:4], "big")
        content = file.read(min(length, 32))
        yield head[4:], content
        file.seek(length - len(content) + 4, os.SEEK_CUR)  # 4 bytes of checksum


def _webp_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yields the type of each chunk and the beginning of its content."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        length = int.from_bytes(head[4:], "little")
        content = file.read(min(length, 32))
        yield head[:4], content
        file.seek(length + length % 2 - len(content), os.SEEK_CUR)
