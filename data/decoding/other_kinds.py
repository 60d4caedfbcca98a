"""Kinds of files that are no videos but are often found beside or in place of them."""

from __future__ import annotations

_UNPACK = "Unpack it into the data folder"
_EXPORT = "Save its videos as files, or as .npy arrays [N, T, H, W, C]"
# (offset, first bytes, what the file is, the way out)
_KINDS = (
    (0, b"Rar!\x1a\x07", "a RAR archive", f"{_UNPACK}: unrar x FILE"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", f"{_UNPACK}: 7z x FILE"),
    (0, b"PK\x03\x04", "a zip archive without its ending", "Name it .zip, or unpack it"),
    (0, b"\xfd7zXZ\x00", "packed with xz", f"{_UNPACK}: tar xf FILE, or unxz FILE"),
    (0, b"BZh", "packed with bzip2", f"{_UNPACK}: tar xf FILE, or bunzip2 FILE"),
    (0, b"\x28\xb5\x2f\xfd", "packed with Zstandard", f"{_UNPACK}: tar xf FILE, or unzstd FILE"),
    (0, b"\x1f\x8b", "packed with gzip", f"{_UNPACK}: gunzip FILE. Archives are read as .tar.gz"),
    (257, b"ustar", "a tar archive without its ending", "Name it .tar, or unpack it"),
    (0, b"\x89HDF\r\n", "an HDF5 file", _EXPORT),
    (0, b"PAR1", "a Parquet file", _EXPORT),
    (0, b"\x80\x02", "a Python pickle, which can run any code", _EXPORT),
    (0, b"\x80\x03", "a Python pickle, which can run any code", _EXPORT),
    (0, b"\x80\x04", "a Python pickle, which can run any code", _EXPORT),
    (0, b"\x80\x05", "a Python pickle, which can run any code", _EXPORT),
    (0, b"%PDF", "a PDF document", "Remove it from the data folder"),
    (0, b"SQLite format 3\x00", "a database", _EXPORT),
)
LONGEST = max(
    offset + len(magic) for offset, magic, _, _ in _KINDS
)  # bytes of a head that tell all


def other_kind(head: bytes) -> str | None:
    """Returns what a file that begins with `head` is, and the way out, or None if that is not known."""
    for offset, magic, what, way_out in _KINDS:
        if head.startswith(magic, offset):
            return f"this is {what}, not a video. {way_out}"
    return None
