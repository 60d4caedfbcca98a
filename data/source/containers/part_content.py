"""Content of whole files and of their parts (`parts`)."""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from mocogan.data.address import is_remote
from mocogan.data.records.example_proto import Example
from mocogan.data.source.archives.inflated_file import DEFLATE, GZIP, InflatedFile
from mocogan.data.source.archives.zip_members import DEFLATED, content_offset
from mocogan.data.source.containers.parts import Part, part_of
from mocogan.data.source.containers.video_arrays import array_video, raw_frames

# The gzip file that a thread read last. It knows places from where unpacking can continue.
_last = threading.local()


def open_input(path: str) -> BinaryIO:
    """Opens a file or part for reading and seeking. Raises OSError."""
    part = part_of(path)
    if part is None:
        return _open_file(path)
    if part.kind == "bytes":
        offset, length = map(int, part.fields.split(":"))
        return _window(open_input(part.base), offset, length)
    if part.kind == "gunzip":
        offset, length = map(int, part.fields.split(":"))
        return _window(_gunzipped(part.base), offset, length, owns=False)
    if part.kind == "zip":
        return _zip_member(part)
    return cast(BinaryIO, io.BytesIO(_made_content(part)))


def open_gunzipped(path: str) -> BinaryIO:
    """Opens the unpacked content of a gzip file, which may have changed. Raises OSError."""
    _last.path = None
    return _window(_gunzipped(path), 0, None, owns=False)


def part_blocks(path: str, block_bytes: int) -> Iterator[bytes]:
    """Yields the bytes of a part in blocks. Raises OSError, also if the checksum in an archive differs."""
    part = part_of(path)
    assert part is not None
    checksum, length = 0, 0
    with open_input(path) as file:
        while block := file.read(block_bytes):
            checksum, length = zlib.crc32(block, checksum), length + len(block)
            yield block
    if part.kind in ("zip", "bytes", "gunzip"):
        fields = part.fields.split(":")
        expected = int(fields[3 if part.kind == "zip" else 1])
        if length != expected:
            raise OSError(f"the archive has only {length} of {expected} bytes of the file")
        if part.kind == "zip" and checksum != int(fields[4]):
            raise OSError("the file is damaged: its checksum in the archive differs")


def _made_content(part: Part) -> bytes:
    if part.kind == "array":
        with open_input(part.base) as file:
            return array_video(file, *part.fields.split(":"))
    example = _example(part.base)
    if part.kind == "raw":
        return raw_frames(example, part.fields)
    values = example[part.fields].bytes_list.value if part.fields in example else []
    if not values:
        raise OSError(f"the record has no feature {part.fields!r}")
    return bytes(values[0])


def _example(path: str) -> Any:
    """Returns the features of the tf.train.Example at `path`. Raises OSError."""
    with open_input(path) as file:
        content = file.read()
    try:
        return Example.FromString(content).features.feature
    except Exception as error:  # protobuf's DecodeError is not the same class in all versions
        raise OSError(f"the record is damaged: {error}") from error


def _open_file(path: str) -> BinaryIO:
    if is_remote(path):
        from mocogan.data.source.remote_folder import open_remote  # loads Beam

        return open_remote(path)
    return open(path, "rb")


def _zip_member(part: Part) -> BinaryIO:
    method, header_offset, packed, length, _ = map(int, part.fields.split(":"))
    base = open_input(part.base)
    try:
        offset = content_offset(base, header_offset)
        if method != DEFLATED:
            return _window(base, offset, min(packed, length))
        inflated = InflatedFile(base, offset, DEFLATE)
        return _window(cast(BinaryIO, inflated), 0, length)
    except OSError:
        base.close()
        raise


def _gunzipped(path: str) -> BinaryIO:
    if getattr(_last, "path", None) != path:
        if hasattr(_last, "file"):
            _last.file.close()
        _last.file = InflatedFile(open_input(path), 0, GZIP)
        _last.path = path
    return cast(BinaryIO, _last.file)


def _window(base: BinaryIO, start: int, length: int | None, owns: bool = True) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Window(base, start, length, owns)))


class _Window(io.RawIOBase):
    """The bytes of a file from `start` on, up to `length`. If it `owns` the file, it closes it."""

    def __init__(self, base: BinaryIO, start: int, length: int | None, owns: bool) -> None:
        super().__init__()
        self._base = base
        self._start = start
        self._length = length
        self._owns = owns
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            if self._length is None:
                raise io.UnsupportedOperation("the length is unknown")
            offset += self._length
        elif whence == io.SEEK_CUR:
            offset += self._position
        self._position = offset
        return offset

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        most = len(view)
        if self._length is not None:
            most = min(most, max(0, self._length - self._position))
        self._base.seek(self._start + self._position)
        content = self._base.read(most) if most else b""
        view[: len(content)] = content
        self._position += len(content)
        return len(content)

    def close(self) -> None:
        if self._owns and not self.closed:
            self._base.close()
        super().close()
