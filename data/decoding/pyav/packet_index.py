"""An index of the frames of a file, built from its packets without decoding.

Seeking needs the timestamp of every frame and the keyframes where decoding can begin. Packets give both
quickly, but only for some formats and codecs. For all others CannotSeek is raised.
"""

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

# Each packet is one frame, and decoding can begin at marked packets. GIF is excluded, because its
# frames need the canvas of earlier frames.
_CODECS = (
    *("h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vp8", "vp9", "libdav1d"),
    *("mjpeg", "prores", "dnxhd", "ffv1"),
)
# These store presentation times. AVI does not, and for raw streams FFmpeg guesses them.
_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts")
_LARGEST_EMPTY_MPEG4_PACKET = 19  # bytes; "not coded" means no frame (libavcodec's MAX_NVOP_SIZE)


class Keyframe(NamedTuple):
    """A point where decoding can begin, in the file's timestamps."""

    shown: int
    decoded: int  # not after `shown`


class PacketIndex(NamedTuple):
    """Frames numbered from 0 in presentation order."""

    stamps: np.ndarray  # [frames] int64 presentation timestamps, ascending
    keyframes: list[Keyframe]  # ascending
    last_duration: int  # of the last frame, 0 if it is not known

    def keyframe(self, number: int) -> Keyframe:
        """Returns the last keyframe that is not after frame `number`. Raises CannotSeek."""
        at = bisect_right(self.keyframes, self.stamps[number], key=itemgetter(0))
        if not at:
            raise CannotSeek(f"no keyframe before frame {number}")
        return self.keyframes[at - 1]

    def number(self, stamp: int) -> int:
        """Returns the number of the first frame that is not before `stamp`."""
        return int(np.searchsorted(self.stamps, stamp))


def check_seekable(container_format: str, codec: str) -> None:
    """Raises CannotSeek for formats and codecs whose packets do not give the frames."""
    if container_format not in _FORMATS or codec not in _CODECS:
        raise CannotSeek(f"{codec} in {container_format} has no reliable packets")


def index_packets(
    packets: Iterable[av.Packet[VideoStream]], container_format: str, codec: str
) -> PacketIndex:
    """Builds the index. Raises CannotSeek unless every packet has a time and is almost surely one frame."""
    check_seekable(container_format, codec)
    stamps, keyframes = array("q"), []
    first: int | None = None
    last, last_duration = -(2**63), 0
    for packet in packets:
        if not packet.size:  # the end, or a dropped frame
            continue
        if packet.pts is None:
            raise CannotSeek("a packet has no presentation time")
        if first is None:
            first = packet.pts
            if not packet.is_keyframe:
                raise CannotSeek("the file does not begin with a keyframe")
        if packet.pts < first:  # its reference frame is missing, so decoding may fail
            raise CannotSeek("frames are shown before the first keyframe")
        if packet.is_keyframe:
            decoded = packet.pts if packet.dts is None else min(packet.pts, packet.dts)
            keyframes.append(Keyframe(packet.pts, decoded))
        if not packet.is_discard and _is_shown(packet, codec):
            stamps.append(packet.pts)
            if packet.pts > last:
                last, last_duration = packet.pts, packet.duration or 0
    index = PacketIndex(_sorted(stamps), sorted(keyframes), last_duration)
    if container_format == "mpegts":
        _check_even(index.stamps)
    return index


def _is_shown(packet: av.Packet[VideoStream], codec: str) -> bool:
    """Tells whether a packet gives a frame. Raises CannotSeek when this is uncertain."""
    if codec == "mpeg4" and packet.size <= _LARGEST_EMPTY_MPEG4_PACKET:
        raise CannotSeek("a packet may contain no frame")
    if codec == "vp8":  # RFC 6386, 9.1
        return bool(memoryview(packet)[0] & 0x10)
    return True


def _sorted(stamps: array[int]) -> np.ndarray:
    ordered = np.unique(np.frombuffer(stamps, np.int64))
    if len(ordered) != len(stamps):
        raise CannotSeek("two packets have the same presentation time")
    return ordered


def _check_even(stamps: np.ndarray) -> None:
    """Raises CannotSeek if the times are uneven. Broadcast H.264 can store two fields in two packets."""
    steps = np.diff(stamps)
    if len(steps) and steps.max() > 1.5 * steps.min():
        raise CannotSeek("the packets are not evenly spaced")
