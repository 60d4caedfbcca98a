"""A video file opened with PyAV: what its header says, its packets, its time stamps."""

from __future__ import annotations

import math
import os
import struct
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.images.image_file import image_format
from mocogan.data.decoding.pyav.file_end import Reach, frame_seconds
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

# FFmpeg's names. Left out are the formats that name other files to be opened: concat, HLS, DASH.
_FORMATS = (
    "mov,mp4,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,ogg,flv,asf,h264,hevc,m4v,"
    "dv,mxf,yuv4mpegpipe"
)
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "protocol_whitelist": "file",
    "enable_drefs": "0",  # QuickTime reference movies
    "use_absolute_path": "0",
}
_FORMAT_NAMES = {"matroska,webm": "matroska", "mpeg": "mpeg-ps", "mpegts": "mpeg-ts"}
_MAGIC = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (8, b"AVI "),
    (0, b"GIF8"),
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
    (0, b"OggS"),
    (0, b"FLV"),
    (0, b"\x06\x0e\x2b\x34"),  # MXF
    (0, b"YUV4MPEG2 "),
)
_SOUND_MAGIC = (
    (0, b"ID3"),
    (0, b"\xff\xfb"),  # MPEG-1 layer 3, without and with a checksum
    (0, b"\xff\xfa"),
    (0, b"fLaC"),
    (8, b"WAVE"),
)
# PyAV 17 fails on a title that is not UTF-8 unless told otherwise; PyAV 19 has no such setting.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 18 else {}
)
# FFmpeg's own limit counts frames as they are coded, each side longer by up to 128 pixels. So much on
# a square's sides is enough for frames up to 60 times as wide as high.
_ROUNDING = 512


@contextmanager
def open_video(path: str, config: IngestConfig) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file at `path` and its first video stream, ready to decode.

    Raises VideoRejected (bad_format, open_failed, no_video_stream, too_many_pixels).
    """
    with _open_container(path) as container:
        stream = _moving_pictures(container)
        # Decoding such a stream kills the process (PyAV-Org/PyAV#2344).
        if stream.codec_context is None:
            raise VideoRejected("unsupported_codec", "its header names no codec known to FFmpeg")
        check_pixels(*_declared_size(path, container, stream), config)
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {
            "err_detect": "explode",  # by default FFmpeg covers damage up
            "max_pixels": str((math.isqrt(config.max_pixels) + _ROUNDING) ** 2),
        }
        yield container, stream


def check_pixels(width: int, height: int, config: IngestConfig) -> None:
    """Raises VideoRejected (too_many_pixels). A header may understate what its frames have."""
    if width * height > config.max_pixels:
        raise VideoRejected(
            "too_many_pixels",
            f"its frames have {width}x{height} pixels; max_pixels={config.max_pixels} are "
            "allowed: scale it down or raise max_pixels",
        )


def _moving_pictures(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # the cover of a sound file
            return stream
    raise VideoRejected("no_video_stream", "the file holds no video: sound alone, or cut off")


def _declared_size(path: str, container: InputContainer, stream: VideoStream) -> tuple[int, int]:
    """Width and height by the header; FFmpeg tells 0x0 of a GIF beyond 16382 x 16382."""
    if container.format.name == "gif" and not stream.width:
        return struct.unpack_from("<HH", _head(path), 6)
    return stream.width, stream.height


def _open_container(path: str) -> InputContainer:
    """Without its name: by that FFmpeg would take a film called a%03d.jpg for images."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise VideoRejected("open_failed", f"cannot be opened: {error.strerror}") from error
    try:
        return av.open(f"/dev/fd/{descriptor}", options=_OPTIONS, **_LENIENT)
    except av.FFmpegError as error:
        raise _not_opened(error, _head(path)) from error
    finally:
        os.close(descriptor)


def _not_opened(error: av.FFmpegError, head: bytes) -> VideoRejected:
    def begins_like(magics: tuple[tuple[int, bytes], ...]) -> bool:
        return any(head.startswith(magic, offset) for offset, magic in magics)

    if isinstance(error, OSError) or begins_like(_MAGIC):
        return VideoRejected(
            "open_failed", f"cannot be opened, perhaps cut off or damaged: {error.strerror}"
        )
    if begins_like(_SOUND_MAGIC):
        return VideoRejected("no_video_stream", "the file holds no video: sound alone")
    if image := image_format(head):
        return VideoRejected(
            "bad_format",
            f"a {image} image: film strips are PNG or JPEG, so save it as one of these",
        )
    return VideoRejected("bad_format", "not a video in a known format")


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(16)


def read_facts(
    container: InputContainer, stream: VideoStream, first: av.VideoFrame | None
) -> VideoFacts:
    """What the header says, and the `first` picture: its size may be another, and turned."""
    width, height = stream.width, stream.height
    if first is not None:
        width, height = first.width, first.height
        if upright_rotation(first) % 180:
            width, height = height, width
    return VideoFacts(
        _format_name(container),
        stream.codec_context.codec.canonical_name,  # not the decoder's, such as libdav1d
        width,
        height,
        float(stream.average_rate) if stream.average_rate else None,
        _playing_seconds(container, stream),
    )


def _format_name(container: InputContainer) -> str:
    name = container.format.name
    if name.startswith("mov,"):
        return "mov" if container.metadata.get("major_brand", "qt").startswith("qt") else "mp4"
    return _FORMAT_NAMES.get(name, name)


def _playing_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    seconds = 0.0
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    return seconds if seconds > 0 else None


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[av.Packet[VideoStream]]:
    try:
        yield from container.demux(stream)
    except IndexError as error:  # PyAV knows only the streams that the file began with
        raise VideoRejected("corrupt_frames", "another stream begins in the middle") from error


def intact_packets(
    path: str, container: InputContainer, stream: VideoStream
) -> Iterator[av.Packet[VideoStream]]:
    """The packets of `stream` in the file at `path`.

    Raises VideoRejected (corrupt_frames) at one that is cut off, and at the end where more of them
    should follow.
    """
    reach = Reach(stream)
    for number, packet in enumerate(_packets(container, stream)):
        if packet.is_corrupt:
            raise VideoRejected("corrupt_frames", f"packet {number} is cut off or damaged")
        reach.add(packet)
        yield packet
    reach.check(path, container, stream)


def upright_rotation(frame: av.VideoFrame) -> int:
    """The counter-clockwise turn, to the nearest 90 degrees, that the file asks for."""
    return round(frame.rotation / 90) * 90


class Clock:
    """Presentation times from 0, never falling, out of what a file says."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        # AVI dates the order of decoding alone; frames leave the decoder in that rhythm.
        self._by_decoding = container.format.name == "avi"
        self._step = frame_seconds(stream)
        self._unit = stream.time_base
        self._start: int | None = None
        self._seconds = -self._step

    def seconds(self, pts: int | None, dts: int | None) -> float:
        """The time of the next frame, given its presentation and decoding time stamps."""
        stamp = dts if self._by_decoding else pts
        if stamp is None or self._unit is None:
            self._seconds += self._step
            return self._seconds
        if self._start is None:
            self._start = stamp
        passed = (stamp - self._start) * self._unit.numerator / self._unit.denominator
        self._seconds = max(self._seconds, 0.0, passed)
        return self._seconds

    def all_seconds(self, stamps: np.ndarray) -> array[float]:
        """What `seconds` gives for each of these presentation time stamps, which rise.

        Raises CannotSeek where that cannot be told exactly.
        """
        if not len(stamps) or self._unit is None:
            raise CannotSeek("no time stamps")
        span = int(stamps[-1]) - int(stamps[0])
        if span * self._unit.numerator >= 2**53:  # beyond which float64 skips integers
            raise CannotSeek("damaged time stamps")
        passed = (stamps - stamps[0]) * self._unit.numerator / self._unit.denominator
        return array("d", passed.tobytes())
