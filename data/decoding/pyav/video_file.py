"""Video files opened with PyAV: header, packets and timestamps."""

from __future__ import annotations

import math
import os
import struct
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.hdr import is_hdr, is_ictcp
from mocogan.data.decoding.images.image_file import image_format
from mocogan.data.decoding.orientation import AS_STORED
from mocogan.data.decoding.other_kinds import LONGEST, other_kind
from mocogan.data.decoding.pyav.file_end import Reach, frame_seconds
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.pyav.stream_choice import choose_stream, films_among
from mocogan.data.decoding.pyav.transport_packets import lost_packets
from mocogan.data.decoding.video_facts import Assumption, VideoFacts
from mocogan.data.rejection import VideoRejected

# FFmpeg's names. Formats that open other files (concat, HLS, DASH) are excluded.
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
_BRAND_NAMES = {"avis": "avif", "hevc": "heif", "msf1": "heif"}  # image sequences
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
# Without this setting PyAV 17 fails on a title that is not UTF-8. PyAV 19 has no such setting.
_LENIENT: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 18 else {}
)
# FFmpeg's own limit applies to coded frames, whose sides are up to 128 pixels longer. This margin on the
# sides of a square is enough for frames up to 60 times as wide as high.
_ROUNDING = 512


@contextmanager
def open_video(path: str, config: IngestConfig) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Opens the file at `path` and the video stream of choose_stream, ready to decode.

    Raises VideoRejected (bad_format, open_failed, no_video_stream, too_many_pixels).
    """
    with _open_container(path) as container:
        stream = choose_stream(container.streams.video, config.video_stream)
        # Decoding such a stream kills the process (PyAV-Org/PyAV#2344).
        if stream.codec_context is None:
            raise VideoRejected("unsupported_codec", "FFmpeg does not know the codec in the header")
        check_pixels(*_declared_size(path, container, stream), config)
        _check_moving(container, stream)
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {
            "err_detect": "explode",  # by default FFmpeg hides damage
            "max_pixels": str((math.isqrt(config.max_pixels) + _ROUNDING) ** 2),
        }
        yield container, stream


def check_pixels(width: int, height: int, config: IngestConfig) -> None:
    """Raises VideoRejected (too_many_pixels). Called for every frame, because a header can be wrong."""
    if width * height > config.max_pixels:
        raise VideoRejected(
            "too_many_pixels",
            f"the frames have {width}x{height} pixels, which exceeds "
            f"ingest.max_pixels={config.max_pixels}. "
            "Scale the video down or raise ingest.max_pixels",
        )


def check_colors(picture: av.VideoFrame, config: IngestConfig) -> None:
    """Raises VideoRejected (hdr, unsupported_codec). Called for every frame, because only frames tell."""
    if is_hdr(picture) and config.hdr == "reject":
        raise VideoRejected(
            "hdr",
            "the video has a high dynamic range. Set ingest.hdr=tone_map, or convert it to SDR",
        )
    if is_ictcp(picture):
        raise VideoRejected(
            "unsupported_codec", "the colors are ICtCp or Dolby Vision. Convert the video to SDR"
        )


def _check_moving(container: InputContainer, stream: VideoStream) -> None:
    """Raises VideoRejected (too_short) for a still image, which FFmpeg reads as a film of one frame.

    It must not become a clip, also if `short_videos` lengthens videos.
    """
    is_image_format = container.format.name == "gif" or container.format.name.startswith("mov,")
    if is_image_format and stream.frames == 1 and not stream.duration:
        kind = "GIF" if container.format.name == "gif" else "AVIF or HEIC"
        raise VideoRejected(
            "too_short", f"this is a single {kind} image and not a video. Remove it"
        )


def _declared_size(path: str, container: InputContainer, stream: VideoStream) -> tuple[int, int]:
    """Returns width and height in the header. FFmpeg reports 0x0 for GIFs above 16382 x 16382."""
    if container.format.name == "gif" and not stream.width:
        return struct.unpack_from("<HH", _head(path), 6)
    return stream.width, stream.height


def _open_container(path: str) -> InputContainer:
    """Opens the file without its name, because FFmpeg would read a name like a%03d.jpg as images."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise VideoRejected(
            "open_failed", f"the file cannot be opened: {error.strerror}"
        ) from error
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
            "open_failed",
            f"the file cannot be opened. It may be truncated or damaged: {error.strerror}",
        )
    if begins_like(_SOUND_MAGIC):
        return VideoRejected("no_video_stream", "the file has no video stream. It is a sound file")
    if image := image_format(head):
        return VideoRejected(
            "bad_format",
            f"this is a {image} image, but film strips must be PNG or JPEG. Convert the image",
        )
    return VideoRejected(
        "bad_format", other_kind(head) or "this is not a video in a supported format"
    )


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(LONGEST)


def read_facts(
    container: InputContainer,
    stream: VideoStream,
    first: DecodedFrame | None,
    config: IngestConfig,
) -> VideoFacts:
    """Reads the facts from the header. The `first` frame gives the true size and how it is shown."""
    width, height = stream.width, stream.height
    assumptions: list[Assumption] = []
    if first is not None:
        width, height = shown_size(first)
        assumptions = _assumptions(first)
    if config.video_stream is None and len(films_among(container.streams.video)) > 1:
        assumptions.append("video_stream")
    return VideoFacts(
        _format_name(container),
        stream.codec_context.codec.canonical_name,  # not the name of the decoder, such as libdav1d
        width,
        height,
        float(stream.average_rate) if stream.average_rate else None,
        _playing_seconds(container, stream),
        tuple(assumptions),
    )


def _assumptions(first: DecodedFrame) -> list[Assumption]:
    found: dict[Assumption, bool] = {
        "pixel_aspect": first.pixel_aspect != 1.0,
        "orientation": first.orientation != AS_STORED,
        "hdr": is_hdr(cast(av.VideoFrame, first.image)),
    }
    return [name for name, applies in found.items() if applies]


def _format_name(container: InputContainer) -> str:
    name = container.format.name
    if name.startswith("mov,"):
        brand = container.metadata.get("major_brand", "qt")
        return _BRAND_NAMES.get(brand, "mov" if brand.startswith("qt") else "mp4")
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
    except IndexError as error:  # PyAV handles only the streams at the start of the file
        raise VideoRejected(
            "corrupt_frames", "another stream begins in the middle of the file"
        ) from error


def intact_packets(
    path: str, container: InputContainer, stream: VideoStream, assumed: set[Assumption]
) -> Iterator[av.Packet[VideoStream]]:
    """Yields the packets of `stream` in the file at `path`. What had to be assumed is added to `assumed`.

    Raises VideoRejected (corrupt_frames) at a truncated packet, and at the end if packets are missing.
    """
    reach = Reach(stream)
    for number, packet in enumerate(_packets(container, stream)):
        if packet.is_corrupt and "counters" not in assumed:
            _check_damage(path, container, stream, number)
            assumed.add("counters")
        reach.add(packet)
        yield packet
    reach.check(path, container, stream)


def shown_size(frame: DecodedFrame) -> tuple[int, int]:
    """Returns width and height of a PyAV frame as players show it, with square pixels and upright."""
    picture = cast(av.VideoFrame, frame.image)
    width, height = max(1, round(picture.width * frame.pixel_aspect)), picture.height
    return (height, width) if frame.orientation.lies_on_its_side else (width, height)


def _check_damage(path: str, container: InputContainer, stream: VideoStream, number: int) -> None:
    """Raises VideoRejected (corrupt_frames) unless FFmpeg calls packet `number` damaged for a mere joint."""
    finding = "it is truncated"
    if container.format.name == "mpegts":
        finding = lost_packets(path, stream.id) or ""
    if finding:
        raise VideoRejected("corrupt_frames", f"packet {number} is damaged: {finding}")


class Clock:
    """Converts the timestamps of a file to presentation times that begin at 0 and never decrease."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        # AVI stores only decoding times. Frames leave the decoder at the same intervals.
        self._by_decoding = container.format.name == "avi"
        self._step = frame_seconds(stream)
        self._unit = stream.time_base
        self._start: int | None = None
        self._begun = 0.0  # when the current recording begins
        self._seconds = -self._step

    def begin_recording(self) -> None:
        """Lets the next frame follow the last one, whatever its timestamps."""
        self._start, self._begun = None, self.played

    @property
    def played(self) -> float:
        """When the last frame ends, in seconds."""
        return self._seconds + self._step

    def seconds(self, pts: int | None, dts: int | None) -> float:
        """Returns the time of the next frame, given its presentation and decoding timestamps."""
        stamp = dts if self._by_decoding else pts
        if stamp is None or self._unit is None:
            self._seconds += self._step
            return self._seconds
        if self._start is None:
            self._start = stamp
        passed = (stamp - self._start) * self._unit.numerator / self._unit.denominator
        self._seconds = max(self._seconds, self._begun, self._begun + passed)
        return self._seconds

    def duration(self, ticks: int | None) -> float | None:
        """Returns the duration of a frame in seconds, None if it is not known."""
        if not ticks or self._unit is None:
            return None
        return ticks * self._unit.numerator / self._unit.denominator

    def all_seconds(self, stamps: np.ndarray) -> array[float]:
        """Returns the results of `seconds` for these ascending presentation timestamps.

        Raises CannotSeek if they would not be exact.
        """
        if not len(stamps) or self._unit is None:
            raise CannotSeek("there are no timestamps")
        span = int(stamps[-1]) - int(stamps[0])
        if span * self._unit.numerator >= 2**53:  # from here on float64 skips integers
            raise CannotSeek("the timestamps are damaged")
        passed = (stamps - stamps[0]) * self._unit.numerator / self._unit.denominator
        return array("d", passed.tobytes())
