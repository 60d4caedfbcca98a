"""Small files that unpack to much, claim much, or take for ever."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import av

from tests.support.corpus.boundaries import Part, boxes, elements
from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves

_ZEROS = 2**20  # bytes that one repeated piece of a deflate stream stands for


def png_of_zeros(width: int, height: int, channels: int = 3) -> bytes:
    """A black PNG image of any size in a thousandth of its pixels, made without unpacking it.

    Kept after every 1 MiB of zeros is a full flush, so that the same piece may follow itself.
    """
    color_type = {1: 0, 3: 2}[channels]
    length = height * (1 + width * channels)  # each row begins with the number of its filter
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(_ZEROS)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(length % _ZEROS)) + packer.flush(zlib.Z_FINISH)
    checksum = struct.pack(">HH", length % 65521, 1)  # Adler-32 of zeros (RFC 1950)
    pixels = b"\x78\x9c" + piece * (length // _ZEROS) + rest + checksum
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


def still_film(folder: Path, png: bytes, side: int, count: int = 1) -> bytes:
    """A QuickTime film of the same PNG image again and again; its header tells `side` x `side`."""
    path = folder / "sound.mov"
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("png", rate=25, width=32, height=32, pix_fmt="rgb24")
        for number in range(count):
            container.mux(_packet(stream, png, number))
    content = bytearray(path.read_bytes())
    path.unlink()
    (table,) = (part for part in boxes(bytes(content)) if part.kind == b"stsd")
    # ISO 14496-12, 12.1.3: 40 bytes into the table come the width and height of its only entry.
    content[table.body + 40 : table.body + 44] = struct.pack(">HH", side, side)
    return bytes(content)


def write_long_film(path: Path, seconds: int) -> Path:
    """One frame a second, each the same small picture."""
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("mpeg4", rate=1, width=16, height=16, pix_fmt="yuv420p")
        (picture,) = stream.encode(av.VideoFrame.from_ndarray(waves(1, 16, 16)[0]))
        payload = bytes(picture)
        for number in range(seconds):
            container.mux(_packet(stream, payload, number))
    return path


def _packet(stream: av.VideoStream, payload: bytes, number: int) -> av.Packet:
    packet = av.Packet(payload)
    packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, number, number, True
    packet.time_base = 1 / stream.codec_context.framerate
    return packet


def gif_of_nothing(width: int, height: int, count: int, hundredths: int = 10) -> bytes:
    """A GIF of `count` frames, shown so long, each painting one pixel of a screen of any size."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    pause = b"!\xf9\x04\x00" + struct.pack("<H", hundredths) + b"\x00\x00"
    place = struct.pack("<HHHHB", 0, 0, 1, 1, 0)
    picture = b"," + place + b"\x02" + b"\x02\x44\x01" + b"\x00"  # LZW: clear, 0, end
    return b"GIF89a" + screen + (pause + picture) * count + b";"


def packed_header(unpacked_bytes: int) -> bytes:
    """A QuickTime file whose header is compressed and unpacks to zeros (QuickTime format, `cmov`)."""
    packed = zlib.compress(bytes(unpacked_bytes), 9)
    scheme = _box(b"dcom", b"zlib")
    data = _box(b"cmvd", struct.pack(">I", 2**31 - 1) + packed)
    return _box(b"ftyp", b"qt  " + bytes(4)) + _box(b"moov", _box(b"cmov", scheme + data))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def claiming_mp4(folder: Path, kind: bytes, offset: int, claim: bytes) -> bytes:
    """A sound mp4 in whose box `kind` the bytes at `offset` of the content are replaced by `claim`."""
    return _claiming(folder / "sound.mp4", boxes, kind, offset, claim)


def claiming_mkv(folder: Path, kind: bytes, claim: bytes) -> bytes:
    """A sound mkv whose element `kind` holds `claim`, as long as what it held before."""
    return _claiming(folder / "sound.mkv", elements, kind, 0, claim)


def _claiming(
    path: Path,
    parts_of: Callable[[bytes], object],
    kind: bytes,
    offset: int,
    claim: bytes,
) -> bytes:
    content = bytearray(write_film(path, waves(8)).read_bytes())
    path.unlink()
    part: Part = next(part for part in parts_of(bytes(content)) if part.kind == kind)
    assert part.body + offset + len(claim) <= part.end
    content[part.body + offset : part.body + offset + len(claim)] = claim
    return bytes(content)
