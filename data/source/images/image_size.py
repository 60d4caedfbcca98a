"""Image sizes from the first bytes of a file, so that remote images need not be read whole."""

from __future__ import annotations

import struct

from mocogan.data.decoding.images.image_file import image_format

# JPEG markers of a frame header: SOF0 to SOF15. DHT, JPG and DAC lie in the same range.
_JPEG_FRAME_HEADERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(head: bytes) -> tuple[int, int] | None:
    """Returns the stored (width, height) in pixels of a PNG, JPEG, WebP or BMP file that begins with `head`.

    Returns None for other files, and when `head` is too short or damaged.
    """
    read = {"PNG": _png_size, "JPEG": _jpeg_size, "WEBP": _webp_size, "BMP": _bmp_size}
    name = image_format(head)
    try:
        size = read[name](head) if name in read else None
    except (struct.error, IndexError):  # `head` ends too early
        return None
    return size if size and min(size) > 0 else None


def _png_size(head: bytes) -> tuple[int, int] | None:
    return struct.unpack_from(">II", head, 16)


def _bmp_size(head: bytes) -> tuple[int, int] | None:
    (header_bytes,) = struct.unpack_from("<I", head, 14)
    if header_bytes == 12:  # OS/2
        return struct.unpack_from("<HH", head, 18)
    width, height = struct.unpack_from("<ii", head, 18)
    return width, abs(height)  # negative: rows are stored top to bottom


def _webp_size(head: bytes) -> tuple[int, int] | None:
    """WebP container specification, RFC 9649, sections 2.5 to 2.7."""
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return (width + 1, height + 1) if len(head) >= 30 else None
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Follows the markers to the frame header (ITU-T T.81, B.1 and B.2)."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _JPEG_FRAME_HEADERS:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", head, at + 2)
            at += 2 + length
    return None
