"""Decoding with tensorflow-io, the whole file at once.

tensorflow-io gives only pixels, so PyAV reads timestamps and orientation. Videos that tensorflow-io would
show incorrectly are rejected. It hides damage within a frame, unlike PyAV, which rejects the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import tensorflow as tf
from av.container import InputContainer
from av.video.stream import VideoStream

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.color_space import (
    BT601,
    MATRIX_NAMES,
    expand_limited,
    has_alpha,
    is_full_range_yuv,
    is_limited_gray,
    is_transparent,
    yuv_matrix,
)
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.hdr import is_hdr
from mocogan.data.decoding.orientation import Orientation, orientation
from mocogan.data.decoding.pyav.joints import RecordingNumber
from mocogan.data.decoding.pyav.pixel_aspect import PixelAspect
from mocogan.data.decoding.pyav.video_file import (
    Clock,
    check_colors,
    check_pixels,
    intact_packets,
    open_video,
    read_facts,
)
from mocogan.data.decoding.tfio.ffmpeg4 import (
    MMX,
    SCALAR,
    DecoderUnavailable,
    load_ffmpeg4,
    use_cpu_flags,
)
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import Assumption, VideoFacts
from mocogan.data.rejection import VideoRejected

MAX_DECODED_BYTES = 4 * 2**30  # tensorflow-io needs twice as much for a moment
# FFmpeg 4 recognizes AV1 but ends the process when it decodes it.
_FATAL_CODECS = ("av1", "libdav1d")
# Interlaced videos can begin with progressive pictures. Checking all frames would mean decoding twice.
_FRAMES_LOOKED_AT = 10


_JOINED = "tensorflow-io cannot tell the recordings of a joined file apart. Use ingest.decoder=pyav"


class _Stamps(NamedTuple):
    """Of a packet, in the unit of the stream."""

    pts: int | None
    dts: int | None
    duration: int | None


class _Header(NamedTuple):
    """The information from PyAV about a file. Height and width are as stored."""

    facts: VideoFacts
    height: int
    width: int
    pixel_aspect: float
    orientation: Orientation
    limited_gray: bool
    timeline: Timeline


class TfioDecoder:
    """Decodes an open video. All its frames stay in memory after the first call of `frames`."""

    def __init__(self, path: str, config: IngestConfig) -> None:
        self._path = path
        self._header = _read_header(path, config)
        self._decoded: np.ndarray | None = None

    @property
    def facts(self) -> VideoFacts:
        """The facts in the header, read with PyAV."""
        return self._header.facts

    def timeline(self) -> Timeline:
        """Returns the times from the timestamps of the packets."""
        return self._header.timeline

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Raises VideoRejected (too_large, unsupported_codec, corrupt_frames)."""
        if self._decoded is None:
            self._decoded = _decode(self._path, self._header)
        header = self._header
        last = len(self._decoded) - 1
        for number in range(first, len(self._decoded)):
            image = self._decoded[number]
            yield DecodedFrame(
                expand_limited(image) if header.limited_gray else image,
                header.timeline.seconds[number],
                header.timeline.last_duration if number == last else None,
                pixel_aspect=header.pixel_aspect,
                orientation=header.orientation,
            )


@contextmanager
def open_tfio(path: str, config: IngestConfig) -> Iterator[TfioDecoder]:
    """Opens the video at `path`.

    Raises VideoRejected like open_pyav. Additional codes are interlaced, because this decoder cannot
    deinterlace, and unsupported_codec for codecs that FFmpeg 4 does not support.
    Raises DecoderUnavailable.
    """
    check_tfio()
    yield TfioDecoder(path, config)


@lru_cache(maxsize=1)
def check_tfio() -> None:
    """Loads tensorflow-io and decodes a known video. Raises DecoderUnavailable if this fails."""
    try:
        import tensorflow_io  # noqa: F401
    except ImportError as error:
        raise DecoderUnavailable(
            "decoder tfio needs the package tensorflow-io, whose last release is for TensorFlow 2.16 "
            f"and Python 3.12 ({error}). Use ingest.decoder=pyav"
        ) from error
    load_ffmpeg4()
    levels = np.arange(20, 240, 40)
    try:
        decoded = _decode_video(_encode_gray(levels))
    except (NotImplementedError, tf.errors.OpError) as error:
        raise DecoderUnavailable(
            f"decoder tfio: tensorflow-io cannot use FFmpeg 4 here ({error}). Use ingest.decoder=pyav"
        ) from error
    compare_probe(decoded, levels)


def compare_probe(decoded: np.ndarray, levels: np.ndarray) -> None:
    """Raises DecoderUnavailable unless `decoded` is one frame of each gray level, in order.

    With incompatible libraries tensorflow-io silently repeats the first frame (tensorflow/io#1471).
    """
    seen = decoded.mean(axis=(1, 2, 3))
    if seen.shape != levels.shape or np.abs(seen - levels).max() > 8:
        raise DecoderUnavailable(
            f"decoder tfio: tensorflow-io decodes gray frames of {levels.tolist()} as "
            f"{seen.round().tolist()}. Use ingest.decoder=pyav"
        )


def _encode_gray(levels: np.ndarray) -> bytes:
    """Encodes an mp4 file with one uniform gray frame for each level."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        for level in levels:
            gray = np.full((64, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(gray)))
        container.mux(stream.encode(None))
    return file.getvalue()


def _decode(path: str, header: _Header) -> np.ndarray:
    """Decodes all frames as [frames, H, W, 3] uint8."""
    _check_size(header)
    content = Path(path).read_bytes()
    decode = _decode_video if header.width % 16 == 0 else _decode_unaligned_rows
    try:
        frames = decode(content)
    except tf.errors.OpError as error:
        raise VideoRejected(
            "unsupported_codec",
            f"tensorflow-io cannot decode this {header.facts.codec} video ({error.message}). "
            "Use ingest.decoder=pyav",
        ) from error
    expected = (len(header.timeline.seconds), header.height, header.width, 3)
    if frames.shape != expected:  # tensorflow-io silently stops at the first damaged frame
        raise VideoRejected(
            "corrupt_frames",
            f"tensorflow-io decoded the shape {frames.shape}, but the file has {expected}",
        )
    return frames


def _check_size(header: _Header) -> None:
    size = len(header.timeline.seconds) * header.height * header.width * 3
    if size > MAX_DECODED_BYTES:
        raise VideoRejected(
            "too_large",
            f"the {len(header.timeline.seconds)} frames of {header.width}x{header.height} need "
            f"{size / 2**30:.1f} GiB. tensorflow-io decodes whole files, and the limit is "
            f"{MAX_DECODED_BYTES / 2**30:.0f} GiB. Use ingest.decoder=pyav",
        )


def _decode_unaligned_rows(content: bytes) -> np.ndarray:
    """Decodes frames whose width is not a multiple of 16.

    tensorflow-io converts them into rows without padding. FFmpeg's SSE code then writes past the end of
    the image (heap corruption). MMX code stays inside and gives the same colors, but does not write the
    last `width % 8` pixels of a row. Scalar code, which differs by up to 3 levels, writes these pixels.
    It omits only the last column if the width is odd and the height is even.
    """
    with use_cpu_flags(MMX):
        frames = _decode_video(content)
    count, height, width, _ = frames.shape
    unwritten = width % 8
    if count and unwritten:
        frames = frames.copy()
        with use_cpu_flags(SCALAR):
            frames[:, :, -unwritten:] = _decode_video(content)[:, :, -unwritten:]
        if width % 2 and height % 2 == 0:
            frames[:, :, -1] = frames[:, :, -2]
    return frames


def _decode_video(content: bytes) -> np.ndarray:
    import tensorflow_io  # imported here, because not every supported Python has it

    return tensorflow_io.experimental.ffmpeg.decode_video(tf.constant(content)).numpy()


def _read_header(path: str, config: IngestConfig) -> _Header:
    with open_video(path, config) as (container, stream):
        _check_chosen(container, stream)
        first: av.VideoFrame | None = None
        looked_at = 0
        stamps: list[_Stamps] = []
        recording = RecordingNumber(container, stream)
        assumed: set[Assumption] = set()
        try:
            for packet in intact_packets(path, container, stream, assumed):
                if recording(packet):
                    raise VideoRejected("unsupported_codec", _JOINED)
                if packet.size and not packet.is_discard:
                    stamps.append(_Stamps(packet.pts, packet.dts, packet.duration))
                if first is not None and looked_at >= _FRAMES_LOOKED_AT and not has_alpha(first):
                    continue
                for frame in packet.decode():
                    check_pixels(frame.width, frame.height, config)
                    _check_shown_rightly(frame, stream, config)
                    first, looked_at = first or frame, looked_at + 1
        except av.FFmpegError as error:
            raise VideoRejected(
                "corrupt_frames", f"decoding fails after {len(stamps)} frames: {error.strerror}"
            ) from error
        if first is None:
            raise VideoRejected("zero_frames", "the file has no frame")
        return _header(container, stream, first, stamps, assumed, config)


def _header(
    container: InputContainer,
    stream: VideoStream,
    first: av.VideoFrame,
    stamps: list[_Stamps],
    assumed: set[Assumption],
    config: IngestConfig,
) -> _Header:
    aspect, upright = PixelAspect(container, stream).width(), orientation(first)
    shown = DecodedFrame(first, seconds=0.0, pixel_aspect=aspect, orientation=upright)
    facts = read_facts(container, stream, shown, config)
    return _Header(
        facts._replace(assumptions=(*facts.assumptions, *sorted(assumed))),
        first.height,
        first.width,
        aspect,
        upright,
        is_limited_gray(first),
        _timeline(Clock(container, stream), stamps),
    )


def _check_chosen(container: InputContainer, stream: VideoStream) -> None:
    """Raises VideoRejected (unsupported_codec) unless `stream` is the only one that tensorflow-io reads."""
    number = container.streams.video.index(stream)
    if number:
        raise VideoRejected(
            "unsupported_codec",
            f"tensorflow-io reads only the first video stream, but the film is number {number}. "
            "Use ingest.decoder=pyav",
        )


def _check_shown_rightly(frame: av.VideoFrame, stream: VideoStream, config: IngestConfig) -> None:
    """Raises VideoRejected (interlaced, unsupported_codec) for frames that would be shown incorrectly."""
    codec = stream.codec_context.name
    if codec in _FATAL_CODECS:
        raise VideoRejected(
            "unsupported_codec", "FFmpeg 4 cannot decode AV1. Use ingest.decoder=pyav"
        )
    if frame.interlaced_frame:
        raise VideoRejected(
            "interlaced",
            "tensorflow-io cannot deinterlace the video. Use ingest.decoder=pyav",
        )
    check_colors(frame, config)
    if is_hdr(frame):
        raise VideoRejected(
            "unsupported_codec",
            "tensorflow-io does not tell that the video is HDR (PQ, HLG). Use ingest.decoder=pyav",
        )
    if is_full_range_yuv(frame):
        raise VideoRejected(
            "unsupported_codec",
            f"tensorflow-io reads full-range {frame.format.name} as limited range. Use ingest.decoder=pyav",
        )
    if is_transparent(frame):
        raise VideoRejected(
            "unsupported_codec",
            "tensorflow-io ignores that pixels are transparent. Use ingest.decoder=pyav",
        )
    _check_matrix(frame, config)


def _check_matrix(frame: av.VideoFrame, config: IngestConfig) -> None:
    """Raises VideoRejected for other matrices than BT.601, the only one that tensorflow-io uses.

    Strong colors would be off by up to 37 levels. The filter "bilinear" accepts this.
    """
    matrix = yuv_matrix(frame)
    colorless = frame.format.name.startswith("gray")
    if matrix != BT601 and not colorless and config.resize_filter != "bilinear":
        raise VideoRejected(
            "unsupported_codec",
            f"tensorflow-io reads {MATRIX_NAMES[matrix]} colors as {MATRIX_NAMES[BT601]}. "
            "Use ingest.decoder=pyav, or allow this with ingest.resize_filter=bilinear",
        )


def _timeline(clock: Clock, stamps: list[_Stamps]) -> Timeline:
    """Returns the times in presentation order for packets in decoding order."""
    pts = sorted(packet.pts for packet in stamps if packet.pts is not None)
    dts = sorted(packet.dts for packet in stamps if packet.dts is not None)
    dated = zip_longest(pts, dts, [None] * len(stamps))
    last = max(stamps, key=lambda packet: packet.pts or 0)
    return Timeline(
        [clock.seconds(pts, dts) for pts, dts, _ in dated], clock.duration(last.duration)
    )
