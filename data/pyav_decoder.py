"""Decoding with PyAV, frame by frame, on one thread."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from data.decoded_frame import DecodedFrame
from data.film_strip import MAX_PIXELS
from data.rejection import VideoRejected

# FFmpeg's names. Left out are the formats that name other files to be opened: concat, HLS, DASH.
_FORMATS = "mov,mp4,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,ogg,flv,asf,h264,hevc,m4v"
_MAGIC = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"RIFF"),  # AVI
    (0, b"GIF8"),
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
    (0, b"OggS"),
    (0, b"FLV"),
)
# PyAV 17 fails on a title that is not UTF-8 unless told otherwise; PyAV 19 has no such setting.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 18 else {}
)
_FRAMES_PER_SECOND_WITHOUT_A_RATE = 25  # FFmpeg's own guess for raw streams


@contextmanager
def open_video(path: str) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file at `path` and its first video stream, ready to decode.

    Raises VideoRejected (bad_format, open_failed, no_video_stream, too_many_pixels).
    """
    with _open_container(path) as container:
        if not container.streams.video:
            raise VideoRejected("no_video_stream", "the file holds no video, perhaps sound alone")
        stream = container.streams.video[0]
        # Decoding such a stream kills the process (PyAV-Org/PyAV#2344).
        if stream.codec_context is None:
            raise VideoRejected("unsupported_codec", "its header names no codec known to FFmpeg")
        if stream.width * stream.height > MAX_PIXELS:
            raise VideoRejected(
                "too_many_pixels",
                f"its frames have {stream.width}x{stream.height} pixels; {MAX_PIXELS} are allowed",
            )
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        # By default FFmpeg covers damage up; and the header may understate the frames' size.
        stream.codec_context.options = {"err_detect": "explode", "max_pixels": str(MAX_PIXELS)}
        yield container, stream


def _open_container(path: str) -> InputContainer:
    try:
        return av.open(
            os.path.abspath(path),  # a relative one may look like an address
            options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
            **_LENIENT,
        )
    except av.FFmpegError as error:
        if isinstance(error, OSError) or _begins_like_video(path):
            raise VideoRejected(
                "open_failed", f"cannot be opened, perhaps cut off or damaged: {error.strerror}"
            ) from error
        raise VideoRejected("bad_format", "not a video in a known format") from error


def _begins_like_video(path: str) -> bool:
    with open(path, "rb") as file:
        head = file.read(16)
    return any(head.startswith(magic, offset) for offset, magic in _MAGIC)


def pyav_frames(path: str) -> Generator[DecodedFrame, None, None]:
    """The frames of the video at `path` in the order of presentation.

    Raises VideoRejected as open_video does, and corrupt_frames at the first damaged frame.
    """
    with open_video(path) as (container, stream):
        clock = Clock(container, stream)
        number = 0
        try:
            for packet in intact_packets(container, stream):
                for frame in packet.decode():
                    if frame.is_corrupt:
                        raise VideoRejected("corrupt_frames", f"frame {number} is damaged")
                    seconds = clock.seconds(frame.pts, frame.dts)
                    yield DecodedFrame(frame, seconds, upright_rotation(frame), frame.colorspace)
                    number += 1
        except av.FFmpegError as error:
            raise VideoRejected(
                "corrupt_frames", f"decoding fails after {number} frames: {error.strerror}"
            ) from error


def intact_packets(
    container: InputContainer, stream: VideoStream
) -> Iterator[av.Packet[VideoStream]]:
    """The packets of `stream`. Raises VideoRejected (corrupt_frames) at one that is cut off."""
    for number, packet in enumerate(container.demux(stream)):
        if packet.is_corrupt:
            raise VideoRejected("corrupt_frames", f"packet {number} is cut off or damaged")
        yield packet


def upright_rotation(frame: av.VideoFrame) -> int:
    """The counter-clockwise turn, to the nearest 90 degrees, that the file asks for."""
    return round(frame.rotation / 90) * 90


class Clock:
    """Presentation times from 0, never falling, out of what a file says."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        # AVI dates the order of decoding alone; frames leave the decoder in that rhythm.
        self._by_decoding = container.format.name == "avi"
        self._step = float(1 / (stream.average_rate or _FRAMES_PER_SECOND_WITHOUT_A_RATE))
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
        self._seconds = max(self._seconds, 0.0, float((stamp - self._start) * self._unit))
        return self._seconds
