"""Lost packets of MPEG transport streams (ITU-T H.222.0), told apart from joined recordings.

FFmpeg calls a packet damaged when the counter of its stream skips a value. That is so when a packet was
lost, but also where one recording ends and another begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

_PACKET_BYTES = 188
_SYNC = 0x47
_SYNC_OR_END = (bytes([_SYNC]), b"")
_STRIDES = (188, 192, 204)  # packets can have 4 bytes before them or 16 after
_CHUNK_BYTES = 2**20
_CLOCK = 90_000
_CLOCK_WRAP = 2**33
_JUMP = 10 * _CLOCK  # as in joints.py
_PES_HEADER_BYTES = 6  # before the bytes that its length counts


def lost_packets(path: str, pid: int) -> str | None:
    """Returns how packets of the video stream `pid` were lost from the file, or None if none was lost.

    Nothing is lost where the counter skips between two whole pictures and the clock shows that they follow
    one another, or that it was set anew.
    """
    stream = _Stream()
    with open(path, "rb") as file:
        for packet in _packets(file):
            if (packet[1] & 0x1F) << 8 | packet[2] == pid:
                stream.add(packet)
                if stream.loss:
                    return stream.loss
    stream.finish()
    return stream.loss


def _packets(file: BinaryIO) -> Iterator[bytes]:
    """Yields the packets. Bytes between them are skipped."""
    window = file.read(_CHUNK_BYTES)
    stride = max(_STRIDES, key=lambda stride: _matches(window, stride))
    at = 0
    while window:
        while at + _PACKET_BYTES <= len(window):
            if window[at] == _SYNC and window[at + stride : at + stride + 1] in _SYNC_OR_END:
                yield window[at : at + _PACKET_BYTES]
                at += stride
            else:
                at += 1
        chunk = file.read(_CHUNK_BYTES)
        if not chunk:
            return
        window, at = window[at:] + chunk, max(0, at - len(window))


def _matches(window: bytes, stride: int) -> int:
    """Returns the largest number of sync bytes at equal distances."""
    return max(window[first::stride].count(_SYNC) for first in range(stride))


class _Stream:
    """Follows the packets of one stream."""

    def __init__(self) -> None:
        self.loss: str | None = None
        self._last: bytes | None = None
        self._is_filled = False  # whether the last packet has no padding, so more should follow
        self._expected: int | None = None  # bytes of the current picture, if its header tells
        self._seen = 0
        self._dts: int | None = None
        self._steps: Counter[int] = Counter()  # between decoding times
        self._doubtful: list[int] = []  # steps over a skipped count

    def add(self, packet: bytes) -> None:
        has_extra, has_payload = packet[3] & 0x20, packet[3] & 0x10
        if packet[1] & 0x80:
            self.loss = "a packet is marked as damaged"
        if not has_payload or packet == self._last:  # a packet may be sent twice
            return
        extra = packet[4] + 1 if has_extra else 0
        announced = bool(extra > 1 and packet[5] & 0x80)  # a joint made by an editor
        skips = self._last is not None and (self._last[3] + 1 - packet[3]) & 0x0F and not announced
        payload = packet[4 + extra :]
        if packet[1] & 0x40:
            self._begin_picture(payload, bool(skips), announced)
        elif skips:
            self.loss = "packets are missing in a picture"
        self._last, self._seen = packet, self._seen + len(payload)
        self._is_filled = not _is_padded(packet, extra)

    def finish(self) -> None:
        """Judges the steps over skipped counts by those of the whole stream."""
        self._check_length()
        if self._steps and self._doubtful:
            usual = self._steps.most_common(1)[0][0]
            if any(1.5 * usual < step < _JUMP for step in self._doubtful):
                self.loss = "whole pictures are missing"

    def _begin_picture(self, payload: bytes, skips: bool, announced: bool) -> None:
        self._check_length()
        dts = _decoding_time(payload)
        step = None
        if dts is not None and self._dts is not None:
            step = (dts - self._dts + _CLOCK_WRAP // 2) % _CLOCK_WRAP - _CLOCK_WRAP // 2
        if skips:
            if self._is_filled and self._expected is None:
                self.loss = "the end of a picture is missing"
            elif step is None:
                self.loss = "packets are missing before a picture without a time"
            else:
                self._doubtful.append(step)
        elif step is not None and step > 0 and not announced:
            self._steps[step] += 1
        self._dts = dts
        length = int.from_bytes(payload[4:6], "big")
        self._expected = length + _PES_HEADER_BYTES if length else None
        self._seen = 0

    def _check_length(self) -> None:
        if self._expected is not None and self._seen != self._expected:
            self.loss = "a picture is shorter than its header says"


def _is_padded(packet: bytes, extra: int) -> bool:
    """Tells whether the adaptation field (its `extra` bytes) is longer than its content (2.4.3.4)."""
    if extra < 2:
        return extra == 1
    flags, used = packet[5], 2
    used += 6 * bool(flags & 0x10) + 6 * bool(flags & 0x08) + bool(flags & 0x04)
    for flag in (0x02, 0x01):  # private data and extension, each after its length
        if flags & flag and used < extra:
            used += 1 + packet[4 + used]
    return used < extra


def _decoding_time(payload: bytes) -> int | None:
    """Returns the decoding time in the header of a picture, or its presentation time (2.4.3.6)."""
    told = payload[7] >> 6 if len(payload) > 7 else 0
    at = {2: 9, 3: 14}.get(told)
    if at is None or len(payload) < at + 5:
        return None
    a, b, c, d, e = payload[at : at + 5]
    return (a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1
