"""Where the parts of a container begin and end, read from its bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_BOXES_WITH_BOXES = {
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf"),
    *(b"mvex", b"moof", b"traf", b"mfra"),
}
_ELEMENTS_WITH_ELEMENTS = {  # RFC 8794, RFC 9559
    *(b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"),  # EBML, Segment
    *(b"\x11\x4d\x9b\x74", b"\x4d\xbb", b"\x15\x49\xa9\x66"),  # SeekHead, Seek, Info
    *(b"\x16\x54\xae\x6b", b"\xae", b"\xe0"),  # Tracks, TrackEntry, Video
    *(b"\x1f\x43\xb6\x75", b"\xa0"),  # Cluster, BlockGroup
    *(b"\x1c\x53\xbb\x6b", b"\xbb", b"\xb7"),  # Cues, CuePoint, CueTrackPositions
    *(b"\x12\x54\xc3\x67", b"\x73\x73", b"\x63\xc0", b"\x67\xc8"),  # Tags and below
}
_TS_PACKET = 188  # bytes


class Part(NamedTuple):
    """A box, element, chunk, block or packet: bytes[start:end], its content from `body` on."""

    kind: bytes
    start: int
    body: int
    end: int


def boundaries(content: bytes, container: str) -> list[int]:
    """Every offset, inside the file, at which a part begins, its content begins, or it ends.

    `container` is one of mp4, mkv, avi, gif, ts.
    """
    parts = _PARTS[container](content)
    offsets = {offset for part in parts for offset in part[1:]}
    return sorted(offset for offset in offsets if 0 < offset < len(content))


def boxes(content: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """Boxes of an mp4 or mov file (ISO 14496-12, 4.2), the outer before the inner."""
    end = len(content) if end is None else end
    while start + 8 <= end:
        size, kind = (
            int.from_bytes(content[start : start + 4], "big"),
            content[start + 4 : start + 8],
        )
        part = Part(kind, start, start + 8, start + size)
        yield part
        if kind in _BOXES_WITH_BOXES:
            yield from boxes(content, part.body, part.end)
        start = part.end


def elements(content: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """Elements of a Matroska or WebM file (RFC 8794, 4 and 5), the outer before the inner."""
    end = len(content) if end is None else end
    while start < end:
        size_at = start + _width(content[start])
        body = size_at + _width(content[size_at])
        length = int.from_bytes(content[size_at:body], "big") & ((1 << 7 * (body - size_at)) - 1)
        part = Part(content[start:size_at], start, body, body + length)
        yield part
        if part.kind in _ELEMENTS_WITH_ELEMENTS:
            yield from elements(content, part.body, part.end)
        start = part.end


def _width(first: int) -> int:
    """Bytes of a variable-length number that begins with this one."""
    return 9 - first.bit_length()


def _chunks(content: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """Chunks of an AVI file (RIFF), the outer before the inner."""
    end = len(content) if end is None else end
    while start + 8 <= end:
        kind, length = content[start : start + 4], content[start + 4 : start + 8]
        stop = start + 8 + int.from_bytes(length, "little")
        yield Part(kind, start, start + 8, stop)
        if kind in (b"RIFF", b"LIST"):
            yield from _chunks(content, start + 12, stop)
        start = stop + stop % 2


def _gif_blocks(content: bytes) -> Iterator[Part]:
    """Header, extensions and images of a GIF file (GIF89a specification)."""
    start = 13 + _color_table(content[10])
    yield Part(b"GIF", 0, 6, start)
    while content[start : start + 1] in (b"!", b","):
        body = start + 2
        if content[start : start + 1] == b",":
            body = start + 11 + _color_table(content[start + 9])
        end = body
        while content[end]:
            end += 1 + content[end]
        yield Part(content[start : start + 1], start, body, end + 1)
        start = end + 1


def _color_table(flags: int) -> int:
    """Bytes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _packets(content: bytes) -> Iterator[Part]:
    for start in range(0, len(content), _TS_PACKET):
        yield Part(b"G", start, start + 4, start + _TS_PACKET)


_PARTS = {
    "mp4": boxes,
    "mkv": elements,
    "avi": _chunks,
    "gif": _gif_blocks,
    "ts": _packets,
}
