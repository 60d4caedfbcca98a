"""Members of zip archives."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from mocogan.data.source.archives.member import Member, MemberRefused
from mocogan.data.source.containers.parts import part_path

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_METHODS = {
    9: "Deflate64",
    12: "bzip2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
    99: "AES encryption",
}
_ENCRYPTED = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and of the extra field


def zip_members(file: BinaryIO, path: str) -> Iterator[Member | MemberRefused]:
    """Yields the files in the zip archive at `path`, which is open as `file`. Raises OSError."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise OSError(f"the zip archive is damaged or incomplete: {error}") from error
    for info in archive.infolist():
        name = info.orig_filename.encode("utf-8", "surrogateescape")
        if info.is_dir():
            continue
        if info.flag_bits & _ENCRYPTED:
            yield MemberRefused(name, "open_failed", "the file is encrypted. Unpack the archive")
        elif info.compress_type not in (STORED, DEFLATED):
            method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
            yield MemberRefused(
                name, "bad_format", f"the file is packed with {method}. Unpack the archive"
            )
        else:
            fields = (info.compress_type, info.header_offset, info.compress_size)
            part = part_path(path, "zip", *fields, info.file_size, info.CRC)
            yield Member(name, part, info.file_size, info.compress_size)


def content_offset(file: BinaryIO, header_offset: int) -> int:
    """Returns where the packed content of a member begins. Raises OSError."""
    file.seek(header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise OSError("the zip archive is damaged: a member is not where the directory says")
    _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    return header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
