"""The framing of TFRecords, and gzipped TFRecord files, which are written to any binary file object with ISA-L.

TensorFlow's writer uses zlib, which is several times slower (`python -m benchmarks.formats`).

A record consists of its length (uint64, little endian), the checksum of the length, the bytes and
their checksum. Checksums are masked CRC-32C (tensorflow/core/lib/io/record_writer.h).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import google_crc32c
from isal import isal_zlib

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8
_GZIP_CONTAINER = 16 + 15  # zlib's code for gzip with the largest window, without name and time
_LEVEL = 2  # of 0 to 3: the strongest compression that is still much faster than zlib


class TFRecordWriter:
    """Writes records to `file`, which stays open. The same records always give the same bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._gzip = isal_zlib.compressobj(_LEVEL, wbits=_GZIP_CONTAINER)
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes written to the file so far. Up to some hundred KiB more are buffered."""
        return self._size

    def write(self, record: bytes) -> None:
        length = _LENGTH.pack(len(record))
        self._put(self._gzip.compress(length + masked_checksum(length)))
        self._put(self._gzip.compress(record))
        self._put(self._gzip.compress(masked_checksum(record)))

    def close(self) -> None:
        """Writes the buffered bytes. Without this call the file is truncated."""
        self._put(self._gzip.flush())

    def _put(self, compressed: bytes) -> None:
        self._file.write(compressed)
        self._size += len(compressed)


def framed(record: bytes) -> bytes:
    """Returns the bytes of a record in an uncompressed TFRecord file."""
    length = _LENGTH.pack(len(record))
    return b"".join((length, masked_checksum(length), record, masked_checksum(record)))


def masked_checksum(content: bytes) -> bytes:
    crc = google_crc32c.value(content)
    return _CHECKSUM.pack(((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
