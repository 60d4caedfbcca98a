"""Gzipped TFRecord files without TensorFlow, on any binary file object.

A record is its length (uint64, little endian), the length's checksum, its bytes and their checksum:
masked CRC-32C (tensorflow/core/lib/io/record_writer.h).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from gzip import BadGzipFile
from typing import BinaryIO

import google_crc32c
from isal import igzip, isal_zlib
from isal.igzip_lib import IsalError

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_HEAD_BYTES = _LENGTH.size + _CHECKSUM.size
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


def read_records(file: BinaryIO) -> Iterator[bytes]:
    """The records of a gzipped TFRecord file.

    Raises ValueError, with the place in the uncompressed stream, on a record that is damaged or cut
    off, and on a damaged gzip stream.
    """
    with igzip.open(file, "rb") as stream:
        offset = 0
        while head := _read(stream, _HEAD_BYTES, offset):
            length = head[: _LENGTH.size]
            _check(head, length, offset)
            (size,) = _LENGTH.unpack(length)
            body = _read(stream, size + _CHECKSUM.size, offset)
            record = body[:size]
            _check(body, record, offset)
            yield record
            offset += len(head) + len(body)


def _read(stream: BinaryIO, size: int, offset: int) -> bytes:
    """The next `size` bytes, or fewer at the end."""
    try:
        return stream.read(size)
    except (EOFError, BadGzipFile, IsalError) as error:  # type: ignore[misc]  # the stub errs
        raise ValueError(f"the record at byte {offset}: damaged gzip stream: {error}") from error


def _check(read: bytes, content: bytes, offset: int) -> None:
    """Raises ValueError unless what was read is `content` followed by its checksum."""
    if read[len(content) :] != _checksum(content):
        raise ValueError(
            f"the record at byte {offset} is damaged or cut off: its checksum is wrong"
        )


def _checksum(content: bytes) -> bytes:
    crc = google_crc32c.value(content)
    return _CHECKSUM.pack(((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
