"""A Beam file system that is not the local one: mem://, an object store in this process's memory.

Beam finds it by its class alone, so importing this module registers it: once, as
`memory_file_system`, for Beam refuses two classes of one scheme. Like gs:// it knows no folders,
only names.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from apache_beam.io.filesystem import (
    BeamIOError,
    CompressedFile,
    CompressionTypes,
    FileMetadata,
    FileSystem,
)

SCHEME = "mem"
_PREFIX = f"{SCHEME}://"


class StoredObject(NamedTuple):
    content: bytes
    modified: float  # seconds since 1970


OBJECTS: dict[str, StoredObject] = {}  # address -> object
UNREADABLE: dict[str, int] = {}  # address -> bytes after which reading fails


def put(address: str, content: bytes, modified: float | None = None) -> str:
    """Stores an object and returns its address."""
    assert address.startswith(_PREFIX), address
    OBJECTS[address] = StoredObject(content, time.time() if modified is None else modified)
    return address


def clear() -> None:
    """Empties the store: tests share it."""
    OBJECTS.clear()
    UNREADABLE.clear()


class ConnectionLost(Exception):
    """As in Google's and Amazon's libraries, whose errors are no OSError."""


class _Reader(io.RawIOBase):
    def __init__(self, address: str) -> None:
        self._content = io.BytesIO(OBJECTS[address].content)
        self._fails_at = UNREADABLE.get(address)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._content.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        if self._fails_at is not None and self._content.tell() >= self._fails_at:
            raise ConnectionLost("connection reset by peer")
        return self._content.readinto(buffer)


class _Writer(io.BytesIO):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def close(self) -> None:
        if not self.closed:
            put(self._address, self.getvalue())
        super().close()


class MemoryFileSystem(FileSystem):
    """mem:// for Beam."""

    @classmethod
    def scheme(cls) -> str:
        return SCHEME

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join([basepath.rstrip("/"), *(path.strip("/") for path in paths)])

    def split(self, path: str) -> tuple[str, str]:
        head, _, tail = path.removeprefix(_PREFIX).rpartition("/")
        return _PREFIX + head, tail

    def mkdirs(self, path: str) -> None:
        """Nothing to do: names make folders."""

    def has_dirs(self) -> bool:
        return False

    def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
        for address in sorted(OBJECTS):
            if address.startswith(dir_or_prefix):
                yield self.metadata(address)

    def create(
        self,
        path: str,
        mime_type: str = "application/octet-stream",
        compression_type: str = CompressionTypes.AUTO,
    ) -> BinaryIO:
        return self._compressed(_Writer(path), path, compression_type)

    def open(
        self,
        path: str,
        mime_type: str = "application/octet-stream",
        compression_type: str = CompressionTypes.AUTO,
    ) -> BinaryIO:
        self._find(path)
        return self._compressed(io.BufferedReader(_Reader(path)), path, compression_type)

    def _compressed(self, file: Any, path: str, compression_type: str) -> Any:
        kind = self._get_compression_type(path, compression_type)
        if kind == CompressionTypes.UNCOMPRESSED:
            return file
        return CompressedFile(file, compression_type=kind)

    def copy(self, source_file_names: list[str], destination_file_names: list[str]) -> None:
        for source, destination in zip(source_file_names, destination_file_names, strict=True):
            for address in self._below(source):
                put(destination + address.removeprefix(source), OBJECTS[address].content)

    def rename(self, source_file_names: list[str], destination_file_names: list[str]) -> None:
        for source, destination in zip(source_file_names, destination_file_names, strict=True):
            for address in self._below(source):
                OBJECTS[destination + address.removeprefix(source)] = OBJECTS.pop(address)

    def exists(self, path: str) -> bool:
        return path in OBJECTS

    def size(self, path: str) -> int:
        return len(self._find(path).content)

    def last_updated(self, path: str) -> float:
        return self._find(path).modified

    def checksum(self, path: str) -> str:
        return str(hash(self._find(path).content))

    def metadata(self, path: str) -> FileMetadata:
        return FileMetadata(path, self.size(path), self.last_updated(path))

    def delete(self, paths: list[str]) -> None:
        for path in paths:
            for address in self._below(path):
                del OBJECTS[address]

    def _below(self, path: str) -> list[str]:
        found = [name for name in OBJECTS if name == path or name.startswith(f"{path}/")]
        if not found:
            raise BeamIOError("nothing there", {path: FileNotFoundError(path)})
        return found

    def _find(self, path: str) -> StoredObject:
        if path not in OBJECTS:
            raise BeamIOError("nothing there", {path: FileNotFoundError(path)})
        return OBJECTS[path]
