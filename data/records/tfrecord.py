"""The framing of TFRecords, and gzipped TFRecord files, which are written to any binary file object with ISA-L.

TensorFlow's writer uses zlib, which is several times slower (`python -m benchmarks.formats`).

A record consists of its length (uint64, little endian), the checksum of the length, the bytes and
their checksum. Checksums are masked CRC-32C (tensorflow/core/lib/io/record_writer.h).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import google_crc32c
from isal import isal_zlib

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_FRAME_BYTES = _LENGTH.size + 2 * _CHECKSUM.size  # around a record
_MASK_DELTA = 0xA282EAD8
_GZIP_HEADER = (
    b"\x1f\x8b\x08" + bytes(6) + b"\xff"
)  # RFC 1952: deflate, without name and time, unknown system
_GZIP_TRAILER = struct.Struct("<II")  # CRC-32 and length of the content
_LAST_BLOCK = b"\x03\x00"  # RFC 1951: an empty block that ends the stream
_RAW_DEFLATE = -15  # zlib's code for a stream without a container, with the largest window
_LEVEL = 2  # of 0 to 3: the strongest compression that is still much faster than zlib
_BLOCK_BYTES = 256 * 1024

HEADER_BYTES = len(_GZIP_HEADER)
TRAILER_BYTES = len(_LAST_BLOCK) + _GZIP_TRAILER.size


class Piece(NamedTuple):
    """A stretch of a gzipped TFRecord file that holds whole records and can be read and copied alone."""

    offset: int  # bytes
    length: int  # bytes
    checksum: int  # CRC-32C of these bytes


class TFRecordWriter:
    """Writes records to `file`, which stays open. The same records in the same pieces always give the same bytes.

    The file is an ordinary gzip file. Between pieces, the compressor forgets what it has seen (Z_FULL_FLUSH).
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = 0
        self._content_checksum = 0
        self._content_size = 0
        self._deflate: Any = None  # of the piece that has begun
        self._start = 0
        self._checksum = 0
        self._put(_GZIP_HEADER)

    @property
    def size(self) -> int:
        """Bytes written to the file so far. Up to some hundred KiB more are buffered."""
        return self._size

    def write(self, record: bytes) -> None:
        if self._deflate is None:
            self._begin_piece()
            self._deflate = isal_zlib.compressobj(_LEVEL, wbits=_RAW_DEFLATE)
        length = _LENGTH.pack(len(record))
        for content in (length + masked_checksum(length), record, masked_checksum(record)):
            self._count(content)
            self._put(self._deflate.compress(content))

    def end_piece(self) -> Piece:
        """Ends the piece of the records since the last one, and writes it whole. There must be a record."""
        self._put(self._deflate.flush(isal_zlib.Z_FULL_FLUSH))
        self._deflate = None
        return self._ended_piece()

    def copy_piece(self, blocks: Iterable[bytes]) -> Piece:
        """Writes a piece of another file, given in blocks. No piece may have begun. Raises isal_zlib.error."""
        self._begin_piece()
        inflate = isal_zlib.decompressobj(_RAW_DEFLATE)
        for block in blocks:
            self._count(inflate.decompress(block))
            self._put(block)
        return self._ended_piece()

    def close(self) -> None:
        """Writes the buffered bytes. Without this call the file is truncated."""
        if self._deflate is not None:
            self.end_piece()
        self._put(_LAST_BLOCK)
        self._put(_GZIP_TRAILER.pack(self._content_checksum, self._content_size % 2**32))

    def _begin_piece(self) -> None:
        self._start, self._checksum = self._size, 0

    def _ended_piece(self) -> Piece:
        return Piece(self._start, self._size - self._start, self._checksum)

    def _count(self, content: bytes) -> None:
        self._content_checksum = isal_zlib.crc32(content, self._content_checksum)
        self._content_size += len(content)

    def _put(self, compressed: bytes) -> None:
        self._file.write(compressed)
        self._size += len(compressed)
        self._checksum = google_crc32c.extend(self._checksum, compressed)


def piece_blocks(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    """Yields the bytes of a piece in blocks. Raises EOFError if the file is too short, and OSError."""
    file.seek(offset)
    while length:
        block = file.read(min(length, _BLOCK_BYTES))
        if not block:
            raise EOFError(f"the file ends {length} bytes before the end of the piece")
        yield block
        length -= len(block)


def piece_records(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the records of a piece, given in blocks. Checksums of records are not compared."""
    inflate = isal_zlib.decompressobj(_RAW_DEFLATE)
    content = bytearray()
    for block in blocks:
        content += inflate.decompress(block)
        start = 0
        while len(content) - start >= _FRAME_BYTES:
            end = start + _FRAME_BYTES + _LENGTH.unpack_from(content, start)[0]
            if len(content) < end:
                break
            yield bytes(content[start + _LENGTH.size + _CHECKSUM.size : end - _CHECKSUM.size])
            start = end
        del content[:start]


def framed(record: bytes) -> bytes:
    """Returns the bytes of a record in an uncompressed TFRecord file."""
    length = _LENGTH.pack(len(record))
    return b"".join((length, masked_checksum(length), record, masked_checksum(record)))


def masked_checksum(content: bytes) -> bytes:
    crc = google_crc32c.value(content)
    return _CHECKSUM.pack(((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
