"""Members of tar archives, also of gzipped ones."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from mocogan.data.source.archives.member import Member, MemberRefused
from mocogan.data.source.containers.parts import part_path

_LONGEST_HEADER = 2**20  # an extended header with a longer name or comment is an attack
_KINDS = {
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a link to another member",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
}


class _Headers:
    """A file from which only short blocks can be read: the headers, not the content."""

    def __init__(self, file: BinaryIO) -> None:
        self.tell = file.tell
        self.seek = file.seek
        self._file = file

    def read(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:
            raise OSError(f"the tar archive has a header of {size} bytes")
        content = b""
        while len(content) < size and (block := self._file.read(size - len(content))):
            content += block
        return content


def tar_members(file: BinaryIO, path: str, is_gzip: bool) -> Iterator[Member | MemberRefused]:
    """Yields the files in the tar archive at `path`. `file` is its content, unpacked if `is_gzip`.

    Raises OSError.
    """
    try:
        with tarfile.open(fileobj=cast(IO[bytes], _Headers(file)), mode="r:") as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # keeps them all otherwise
                if found := _member(info, path, "gunzip" if is_gzip else "bytes"):
                    yield found
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise OSError(f"the tar archive is damaged or incomplete: {error}") from error


def _member(info: tarfile.TarInfo, path: str, kind: str) -> Member | MemberRefused | None:
    name = info.name.encode("utf-8", "surrogateescape")
    if info.isdir():
        return None
    if info.issparse():
        return MemberRefused(name, "not_a_file", "the file has holes. Unpack the archive")
    if not info.isreg():
        what = _KINDS.get(info.type, "a special entry")
        return MemberRefused(name, "not_a_file", f"this is {what} in an archive, not a file")
    part = part_path(path, kind, info.offset_data, info.size)
    return Member(name, part, info.size, info.size)
