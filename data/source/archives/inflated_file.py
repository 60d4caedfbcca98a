"""The unpacked content of deflated or gzipped bytes, as a file that can seek in both directions.

A video in the middle of a .tar.gz archive would otherwise cost the unpacking of everything before it.
While the content is unpacked, copies of the unpacker are kept at regular distances. Seeking continues
from the nearest one. Nothing but these copies is held in memory.
"""

from __future__ import annotations

import io
import zlib
from bisect import bisect_right
from typing import Any, BinaryIO, NamedTuple

DEFLATE, GZIP = -15, 31  # zlib's codes for raw deflate and for gzip

_BLOCK = 64 * 1024
_MOST_CHECKPOINTS = 512  # of about 50 KB each
_FIRST_DISTANCE = 2**20  # unpacked bytes between checkpoints; doubled when there are too many


# Videos and images are compressed already. Arrays of moving digits shrink to a twentieth.
_MAX_RATIO = 200
_FREE_BYTES = 64 * 2**20  # below this size any ratio is allowed


class Bomb(OSError):
    """The content is too large for its packed size."""


def is_bomb(length: int, packed: int) -> bool:
    """Tells whether `length` bytes are too many for their size in an archive."""
    return length > _FREE_BYTES and length > _MAX_RATIO * packed


class _Checkpoint(NamedTuple):
    position: int  # of the unpacked content
    packed_position: int
    unpacker: Any
    pending: bytes  # read from the file, not yet unpacked


class InflatedFile(io.RawIOBase):
    """Unpacks `file` from `start` on. Raises OSError for damaged content.

    Raises Bomb when too much comes out of the packed bytes that were read (`is_bomb`).
    """

    def __init__(self, file: BinaryIO, start: int, form: int) -> None:
        super().__init__()
        self._file = file
        self._form = form
        self._start = start
        self._distance = _FIRST_DISTANCE
        self._position = 0  # of the unpacked content
        self._packed_position = start
        self._unpacker: Any = None
        self._pending = b""  # read from the file, not yet unpacked
        first = _Checkpoint(0, start, zlib.decompressobj(form), b"")
        self._checkpoints = [first]
        self._go_to(first)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the length of packed content is unknown")
        target = offset + (self._position if whence == io.SEEK_CUR else 0)
        nearest = self._checkpoints[bisect_right(self._checkpoints, target, key=_position) - 1]
        if target < self._position or nearest.position > self._position:
            self._go_to(nearest)
        while self._position < target and self.read(min(_BLOCK, target - self._position)):
            pass
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        content = b""
        while not content and len(view):
            if self._unpacker.eof and not self._next_member():
                break
            content = self._unpack(len(view))
        view[: len(content)] = content
        self._position += len(content)
        self._check_ratio()
        self._keep_checkpoint()
        return len(content)

    def _unpack(self, most: int) -> bytes:
        """Unpacks up to `most` bytes, which can be none before the end."""
        if not self._pending:
            self._pending = self._file_read()
        try:
            content = self._unpacker.decompress(self._pending, most)
        except zlib.error as error:
            raise OSError(f"the packed content is damaged: {error}") from error
        if self._unpacker.eof:
            self._pending = self._unpacker.unused_data
        elif not self._pending and not content:
            raise OSError("the packed content ends too early")
        else:
            self._pending = self._unpacker.unconsumed_tail
        return content

    def _file_read(self) -> bytes:
        self._file.seek(self._packed_position)
        block = self._file.read(_BLOCK)
        self._packed_position += len(block)
        return block

    def _next_member(self) -> bool:
        """Continues with the next gzip member, as in files that were joined. Returns False at the end."""
        if len(self._pending) < 2:
            self._pending += self._file_read()
        if self._form != GZIP or not self._pending.startswith(b"\x1f\x8b"):
            return False  # padding may follow
        self._unpacker = zlib.decompressobj(self._form)
        return True

    def _check_ratio(self) -> None:
        packed = self._packed_position - self._start - len(self._pending)
        if is_bomb(self._position, packed):
            raise Bomb(f"more than {self._position / 2**20:.0f} MiB come out of {packed} bytes")

    def _keep_checkpoint(self) -> None:
        if self._position < self._checkpoints[-1].position + self._distance or self._unpacker.eof:
            return
        self._checkpoints.append(
            _Checkpoint(self._position, self._packed_position, self._unpacker.copy(), self._pending)
        )
        if len(self._checkpoints) > _MOST_CHECKPOINTS:
            self._distance *= 2
            del self._checkpoints[1::2]

    def _go_to(self, checkpoint: _Checkpoint) -> None:
        self._position = checkpoint.position
        self._packed_position = checkpoint.packed_position
        self._unpacker = checkpoint.unpacker.copy()
        self._pending = checkpoint.pending

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _position(checkpoint: _Checkpoint) -> int:
    return checkpoint.position
