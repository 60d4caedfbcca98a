"""Detection of truncated videos: files whose container describes more data than there is.

Demuxers treat the end of the file as the end of the video. The size that a container states is exact,
so an intact video is never rejected for the time of its last picture. Containers that state no size
(transport streams, GIF, raw streams) are not checked.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from mocogan.data.rejection import VideoRejected

_BROKEN_OFF_FRAMES = 0.5  # tolerance for a truncated file, because timestamps are rounded
# Tolerance for a file that is not truncated but states a longer duration. Its fragments and its
# header may have been made separately.
_MISSING_SECONDS = 0.5
_MISSING_FRAMES = 5
_FRAMES_PER_SECOND_WITHOUT_A_RATE = 25  # FFmpeg's default for raw streams
_MEDIA_BOXES = (b"moov", b"moof", b"mdat")  # other boxes have no pictures
_LONGEST_NUMBER = 24  # bytes of a box up to the end of its number
_MATROSKA_HEADER = b"\x1a\x45\xdf\xa3"
_MATROSKA_SEGMENT = b"\x18\x53\x80\x67"
_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


class _Layout(NamedTuple):
    """The container's description of the whole file."""

    breaks_off: bool  # the container extends beyond the end of the file
    fragmented: bool = False  # the header does not describe most of the video
    seconds: float | None = None  # duration of all fragments


def frame_seconds(stream: VideoStream) -> float:
    """Returns the average duration of a frame in seconds."""
    return float(1 / (stream.average_rate or _FRAMES_PER_SECOND_WITHOUT_A_RATE))


class Reach:
    """Tracks the time that the packets of a stream cover, in any order."""

    def __init__(self, stream: VideoStream) -> None:
        self._unit = stream.time_base
        self._frame = frame_seconds(stream)
        self._frame_ticks = round(self._frame / self._unit) if self._unit else 0
        self._start: int | None = None
        self._end = 0

    def add(self, packet: av.Packet[VideoStream]) -> None:
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is None or not packet.size:
            return
        self._end = max(self._end, stamp + (packet.duration or self._frame_ticks))
        self._start = stamp if self._start is None else min(self._start, stamp)

    def check(self, path: str, container: InputContainer, stream: VideoStream) -> None:
        """Raises VideoRejected (corrupt_frames) if packets are missing. Call it after the last packet."""
        read_layout = _LAYOUTS.get(container.format.name)
        if read_layout is None or self._start is None or self._unit is None:
            return
        with open(path, "rb") as file:
            layout = read_layout(file, os.fstat(file.fileno()).st_size)
        # Some formats count from the first picture, others from 0.
        reached = float((self._end - min(self._start, 0)) * self._unit)
        if layout.breaks_off:
            promised = None if layout.fragmented else _promised_seconds(container, stream)
            missing = _BROKEN_OFF_FRAMES * self._frame
        elif layout.seconds is not None and len(container.streams) == 1:
            promised = layout.seconds
            missing = max(_MISSING_SECONDS, _MISSING_FRAMES * self._frame)
        else:
            return
        if promised is None or reached < promised - missing:
            whole = "" if promised is None else f" of {promised:.1f}"
            raise VideoRejected(
                "corrupt_frames", f"the video is truncated after {reached:.1f}{whole} s"
            )


def _promised_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """Returns the stated duration from the most exact source. The last source may include longer sound."""
    if container.format.name == "avi" and stream.frames and stream.time_base is not None:
        return float(stream.frames * stream.time_base)  # AVI's duration covers only existing frames
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    for key, value in stream.metadata.items():  # Matroska, also as DURATION-eng
        found = _TAG.match(value) if key.upper().startswith("DURATION") else None
        if found:
            return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    return None if container.duration is None else container.duration / av.time_base


class _Box(NamedTuple):
    kind: bytes
    body: int  # where its content begins
    end: int


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """Yields the boxes between two offsets of an mp4 or mov file (ISO 14496-12, 4.2)."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        body = start + 8
        if length == 1 and len(head) == 16:
            (length,), body = struct.unpack_from(">Q", head, 8), start + 16
        if length < body - start:  # 0 means up to the end; other values are invalid
            return
        yield _Box(kind, body, start + length)
        start += length


def _mp4_layout(file: BinaryIO, size: int) -> _Layout:
    fragmented, seconds = False, None
    for box in _boxes(file, 0, size):
        fragmented |= box.kind == b"moof"
        if box.end > size:
            return _Layout(box.kind in _MEDIA_BOXES, fragmented)
        if box.kind == b"moov":
            seconds = _seconds_of_fragments(file, box)
    return _Layout(False, fragmented, seconds)


def _seconds_of_fragments(file: BinaryIO, movie: _Box) -> float | None:
    """Returns the duration in `mehd` in seconds. `mvhd` has its unit (ISO 14496-12, 8.2.2 and 8.8.2)."""
    ticks_a_second = 0
    for box in _boxes(file, movie.body, movie.end):
        if box.kind == b"mvhd":
            ticks_a_second = _number(file, box, (">12xI", ">20xI"))
        elif box.kind == b"mvex":
            for inner in _boxes(file, box.body, box.end):
                if inner.kind == b"mehd" and ticks_a_second:
                    return _number(file, inner, (">4xI", ">4xQ")) / ticks_a_second
    return None


def _number(file: BinaryIO, box: _Box, forms: tuple[str, str]) -> int:
    """Reads a number in the format of the box's version. Returns 0 if the box is too small."""
    file.seek(box.body)
    content = file.read(min(_LONGEST_NUMBER, box.end - box.body))
    form = forms[content[:1] != b"\0"]
    if len(content) < struct.calcsize(form):
        return 0
    return int(struct.unpack_from(form, content)[0])


def _matroska_layout(file: BinaryIO, size: int) -> _Layout:
    """Reads a header and a segment, whose length may be unknown (RFC 8794, 4 and 5)."""
    start = 0
    for kind in (_MATROSKA_HEADER, _MATROSKA_SEGMENT):
        file.seek(start)
        head = file.read(12)
        if not head.startswith(kind) or len(head) < 12 or not head[4]:
            return _Layout(breaks_off=False)
        width = 9 - head[4].bit_length()
        unknown = (1 << 7 * width) - 1
        length = int.from_bytes(head[4 : 4 + width], "big") & unknown
        start += 4 + width + length
    return _Layout(length != unknown and start > size)


def _avi_layout(file: BinaryIO, size: int) -> _Layout:
    """Reads the RIFF chunks. Long videos have more than one (OpenDML)."""
    start = 0
    while start + 8 <= size:
        file.seek(start)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind != b"RIFF":  # padding
            break
        start += 8 + length
        if start > size:
            return _Layout(breaks_off=True)
        start += length % 2
    return _Layout(breaks_off=False)


_LAYOUTS: dict[str, Callable[[BinaryIO, int], _Layout]] = {  # by FFmpeg's names
    "mov,mp4,m4a,3gp,3g2,mj2": _mp4_layout,
    "matroska,webm": _matroska_layout,
    "avi": _avi_layout,
}
