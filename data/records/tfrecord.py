"""Writes gzipped TFRecord files to any binary file object, with ISA-L.

TensorFlow's writer has zlib alone, which takes several times as long (`python -m benchmarks.formats`).

A record is its length (uint64, little endian), the length's checksum, its bytes and their checksum:
masked CRC-32C (tensorflow/core/lib/io/record_writer.h).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import google_crc32c
from isal import isal_zlib

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8
_GZIP_CONTAINER = 16 + 15  # zlib's code: gzip with the largest window; no name, time 0
# Of ISA-L's 0-3: the tightest that is still much faster than zlib.
_LEVEL = 2


class TFRecordWriter:
    """Writes records; the same records give the same bytes. Leaves `file` open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._gzip = isal_zlib.compressobj(_LEVEL, wbits=_GZIP_CONTAINER)
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes written to the file so far; up to some hundred KiB more are held back."""
        return self._size

    def write(self, record: bytes) -> None:
        length = _LENGTH.pack(len(record))
        self._put(self._gzip.compress(length + _checksum(length)))
        self._put(self._gzip.compress(record))
        self._put(self._gzip.compress(_checksum(record)))

    def close(self) -> None:
        """Writes what is held back. Without this the file is cut off."""
        self._put(self._gzip.flush())

    def _put(self, compressed: bytes) -> None:
        self._file.write(compressed)
        self._size += len(compressed)


def _checksum(content: bytes) -> bytes:
    crc = google_crc32c.value(content)
    return _CHECKSUM.pack(((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
