"""The frames of a file by its packets alone, read without decoding anything."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

import av
import numpy as np
from av.video.stream import VideoStream

from mocogan.data.decoding.pyav.seeking import CannotSeek

# Where a packet is a frame and a marked one begins anew; seeking in GIF would lose the canvas.
_CODECS = (
    *("h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vp8", "vp9", "libdav1d"),
    *("mjpeg", "prores", "dnxhd", "ffv1"),
)
# These keep presentation times. AVI does not, and in raw streams FFmpeg guesses them.
_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts")
_LARGEST_EMPTY_MPEG4_PACKET = 19  # bytes; "not coded", so no frame (libavcodec's MAX_NVOP_SIZE)


class Keyframe(NamedTuple):
    """Where decoding can begin, by the file's time stamps."""

    shown: int
    decoded: int  # not after `shown`


class PacketIndex(NamedTuple):
    """Frames numbered from 0 in the order of presentation."""

    stamps: np.ndarray  # [frames] int64, rising: presentation time stamps
    keyframes: list[Keyframe]  # rising

    def keyframe(self, number: int) -> Keyframe:
        """The last one not after frame `number`. Raises CannotSeek."""
        at = bisect_right(self.keyframes, self.stamps[number], key=itemgetter(0))
        if not at:
            raise CannotSeek(f"no keyframe before frame {number}")
        return self.keyframes[at - 1]

    def number(self, stamp: int) -> int:
        """Of the first frame not before `stamp`."""
        return int(np.searchsorted(self.stamps, stamp))


def check_seekable(container_format: str, codec: str) -> None:
    """Raises CannotSeek where packets are known to tell too little."""
    if container_format not in _FORMATS or codec not in _CODECS:
        raise CannotSeek(f"{codec} in {container_format} has no dependable packets")


def index_packets(
    packets: Iterable[av.Packet[VideoStream]], container_format: str, codec: str
) -> PacketIndex:
    """Raises CannotSeek unless every packet is dated, and as good as sure to be one frame."""
    check_seekable(container_format, codec)
    stamps, keyframes = array("q"), []
    first: int | None = None
    for packet in packets:
        if not packet.size:  # the end, or a frame left out
            continue
        if packet.pts is None:
            raise CannotSeek("a packet has no presentation time")
        if first is None:
            first = packet.pts
            if not packet.is_keyframe:
                raise CannotSeek("the file does not begin with a keyframe")
        if packet.pts < first:  # its reference is cut off, so it may or may not be decoded
            raise CannotSeek("frames are shown before the first keyframe")
        if packet.is_keyframe:
            decoded = packet.pts if packet.dts is None else min(packet.pts, packet.dts)
            keyframes.append(Keyframe(packet.pts, decoded))
        if not packet.is_discard and _is_shown(packet, codec):
            stamps.append(packet.pts)
    index = PacketIndex(_sorted(stamps), sorted(keyframes))
    if container_format == "mpegts":
        _check_even(index.stamps)
    return index


def _is_shown(packet: av.Packet[VideoStream], codec: str) -> bool:
    """Whether a packet gives a frame. Raises CannotSeek when that is hard to tell."""
    if codec == "mpeg4" and packet.size <= _LARGEST_EMPTY_MPEG4_PACKET:
        raise CannotSeek("a packet may hold no frame")
    if codec == "vp8":  # RFC 6386, 9.1
        return bool(memoryview(packet)[0] & 0x10)
    return True


def _sorted(stamps: array[int]) -> np.ndarray:
    ordered = np.unique(np.frombuffer(stamps, np.int64))
    if len(ordered) != len(stamps):
        raise CannotSeek("two packets have the same presentation time")
    return ordered


def _check_even(stamps: np.ndarray) -> None:
    """Broadcast H.264 may put the two fields of some frames in packets of their own."""
    steps = np.diff(stamps)
    if len(steps) and steps.max() > 1.5 * steps.min():
        raise CannotSeek("the packets are not evenly spaced")
