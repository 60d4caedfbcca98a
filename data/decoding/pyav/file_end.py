"""Whether a film was cut off: a file that says it goes on beyond its own end.

Demuxers take the end of a file for the end of its film. What a container tells of its own size is
exact, so that no whole film is suspected however its last picture is dated; where it tells none
(transport streams, GIF, raw streams) nothing is suspected at all.
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

_BROKEN_OFF_FRAMES = 0.5  # so much may be missing of a file that breaks off: rounded time stamps
# Of one that only tells a longer time, as its parts may have been made apart from its header.
_MISSING_SECONDS = 0.5
_MISSING_FRAMES = 5
_FRAMES_PER_SECOND_WITHOUT_A_RATE = 25  # FFmpeg's own guess for raw streams
_MEDIA_BOXES = (b"moov", b"moof", b"mdat")  # what may follow them holds no pictures
_LONGEST_NUMBER = 24  # bytes of a box up to the end of its number
_MATROSKA_HEADER = b"\x1a\x45\xdf\xa3"
_MATROSKA_SEGMENT = b"\x18\x53\x80\x67"
_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


class _Layout(NamedTuple):
    """What a container says of the whole file."""

    breaks_off: bool  # it goes on beyond the file's end
    fragmented: bool = False  # the header tells nothing of most of the film
    seconds: float | None = None  # of all fragments


def frame_seconds(stream: VideoStream) -> float:
    """From one frame to the next, on average."""
    return float(1 / (stream.average_rate or _FRAMES_PER_SECOND_WITHOUT_A_RATE))


class Reach:
    """How far the packets of a stream reach, whatever their order."""

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
        """After the last packet. Raises VideoRejected (corrupt_frames) when more should follow."""
        read_layout = _LAYOUTS.get(container.format.name)
        if read_layout is None or self._start is None or self._unit is None:
            return
        with open(path, "rb") as file:
            layout = read_layout(file, os.fstat(file.fileno()).st_size)
        # Some formats count from the first picture on, others from 0.
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
            raise VideoRejected("corrupt_frames", f"breaks off after {reached:.1f}{whole} s")


def _promised_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """By the most exact statement there is; the last one may be that of a longer sound."""
    if container.format.name == "avi" and stream.frames and stream.time_base is not None:
        return float(stream.frames * stream.time_base)  # its duration is that of what is there
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
    """Those between two places of an mp4 or mov file (ISO 14496-12, 4.2)."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        body = start + 8
        if length == 1 and len(head) == 16:
            (length,), body = struct.unpack_from(">Q", head, 8), start + 16
        if length < body - start:  # 0: up to the end; less than itself: no box
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
    """ISO 14496-12, 8.2.2 and 8.8.2: `mehd` counts in the ticks of `mvhd`."""
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
    """By the form for the box's version; 0 if it is too small for that."""
    file.seek(box.body)
    content = file.read(min(_LONGEST_NUMBER, box.end - box.body))
    form = forms[content[:1] != b"\0"]
    if len(content) < struct.calcsize(form):
        return 0
    return int(struct.unpack_from(form, content)[0])


def _matroska_layout(file: BinaryIO, size: int) -> _Layout:
    """RFC 8794, 4 and 5: a header and then a segment, whose length may be unknown."""
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
    """One RIFF chunk, and more of them in long films (OpenDML)."""
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
