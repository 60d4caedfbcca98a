"""Decoding with tensorflow-io, the whole file at once.

It tells pixels alone, so time stamps, rotation and the colours' encoding are read with PyAV.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Generator
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import tensorflow as tf

from data.decoded_frame import DecodedFrame
from data.ffmpeg4 import DecoderUnavailable, load_ffmpeg4
from data.pyav_decoder import Clock, intact_packets, open_video, upright_rotation
from data.rejection import VideoRejected

MAX_DECODED_BYTES = 4 * 2**30  # tensorflow-io holds twice as much for a moment
# FFmpeg 4 knows AV1 by name only and ends the process when asked for its pixels.
_FATAL_CODECS = ("av1", "libdav1d")
_SCALAR, _MMX, _DETECTED = 0, 1, -1  # CPU flags of FFmpeg (libavutil/cpu.h)
_one_at_a_time = threading.Lock()  # FFmpeg's CPU flags are global


class _Header(NamedTuple):
    height: int
    width: int
    rotation: int
    colour_space: int
    codec: str
    seconds: list[float]  # of each frame


def tfio_frames(path: str) -> Generator[DecodedFrame, None, None]:
    """The frames of the video at `path` in the order of presentation.

    Raises VideoRejected as pyav_frames does, too_large beyond MAX_DECODED_BYTES,
    unsupported_codec for what FFmpeg 4 does not know; and DecoderUnavailable.
    """
    check_tfio()
    header = _read_header(path)
    size = len(header.seconds) * header.height * header.width * 3
    if size > MAX_DECODED_BYTES:
        raise VideoRejected(
            "too_large",
            f"its {len(header.seconds)} frames of {header.width}x{header.height} take "
            f"{size / 2**30:.1f} GiB, and tensorflow-io decodes a file as a whole: "
            f"{MAX_DECODED_BYTES / 2**30:.0f} GiB are allowed; use `decoder: pyav`",
        )
    frames = _decode(path, header)
    for image, seconds in zip(frames, header.seconds, strict=True):
        yield DecodedFrame(image, seconds, header.rotation, header.colour_space)


@lru_cache(maxsize=1)
def check_tfio() -> None:
    """Loads tensorflow-io and decodes a known video. Raises DecoderUnavailable if that goes wrong."""
    try:
        import tensorflow_io  # noqa: F401
    except ImportError as error:
        raise DecoderUnavailable(
            "decoder tfio needs the package tensorflow-io, which was last made for TensorFlow 2.16 "
            f"and Python 3.12 ({error}); use `decoder: pyav`"
        ) from error
    load_ffmpeg4()
    levels = np.arange(20, 240, 40)
    try:
        decoded = _decode_video(_encode_gray(levels))
    except (NotImplementedError, tf.errors.OpError) as error:
        raise DecoderUnavailable(
            f"decoder tfio: tensorflow-io cannot use FFmpeg 4 here ({error}); use `decoder: pyav`"
        ) from error
    compare_probe(decoded, levels)


def compare_probe(decoded: np.ndarray, levels: np.ndarray) -> None:
    """Raises DecoderUnavailable unless `decoded` is one frame of each gray level, in order.

    With unfit libraries tensorflow-io repeats the first frame and says nothing
    (tensorflow/io#1471).
    """
    seen = decoded.mean(axis=(1, 2, 3))
    if seen.shape != levels.shape or np.abs(seen - levels).max() > 8:
        raise DecoderUnavailable(
            f"decoder tfio: tensorflow-io decodes gray frames of {levels.tolist()} as "
            f"{seen.round().tolist()}; use `decoder: pyav`"
        )


def _encode_gray(levels: np.ndarray) -> bytes:
    """An mp4 file with one even gray frame for each level."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        for level in levels:
            gray = np.full((64, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(gray)))
        container.mux(stream.encode(None))
    return file.getvalue()


def _decode(path: str, header: _Header) -> np.ndarray:
    """[frames, H, W, 3] uint8."""
    if header.codec in _FATAL_CODECS:
        raise VideoRejected(
            "unsupported_codec", f"FFmpeg 4 cannot decode {header.codec}; use `decoder: pyav`"
        )
    content = Path(path).read_bytes()
    try:
        decode = _decode_video if header.width % 16 == 0 else _decode_unaligned_rows
        frames = decode(content)
    except tf.errors.OpError as error:
        raise VideoRejected(
            "unsupported_codec",
            f"tensorflow-io cannot decode this {header.codec} video ({error.message}); "
            "use `decoder: pyav`",
        ) from error
    expected = (len(header.seconds), header.height, header.width, 3)
    if frames.shape != expected:  # it stops without a word at the first damaged frame
        raise VideoRejected(
            "corrupt_frames", f"tensorflow-io decoded {frames.shape} where the file has {expected}"
        )
    return frames


def _decode_unaligned_rows(content: bytes) -> np.ndarray:
    """Frames whose width is no multiple of 16.

    tensorflow-io converts them into rows without padding, where FFmpeg's SSE code writes past the
    end of the image (heap corruption). MMX code stays inside and gives the same colours, but leaves
    the last pixels beyond a multiple of 8 unwritten. Scalar code, up to 3 levels off, writes those
    too, all but the last column of an odd width in an even height.
    """
    frames = _decode_with(_MMX, content)
    count, height, width, _ = frames.shape
    unwritten = width % 8
    if count and unwritten:
        frames = frames.copy()
        frames[:, :, -unwritten:] = _decode_with(_SCALAR, content)[:, :, -unwritten:]
        if width % 2 and height % 2 == 0:
            frames[:, :, -1] = frames[:, :, -2]
    return frames


def _decode_with(cpu_flags: int, content: bytes) -> np.ndarray:
    libavutil = load_ffmpeg4()
    with _one_at_a_time:
        libavutil.av_force_cpu_flags(cpu_flags)
        try:
            return _decode_video(content)
        finally:
            libavutil.av_force_cpu_flags(_DETECTED)


def _decode_video(content: bytes) -> np.ndarray:
    import tensorflow_io  # here, since not every supported Python has it

    return tensorflow_io.experimental.ffmpeg.decode_video(tf.constant(content)).numpy()


def _read_header(path: str) -> _Header:
    with open_video(path) as (container, stream):
        first: av.VideoFrame | None = None
        stamps: list[tuple[int | None, int | None]] = []
        try:
            for packet in intact_packets(container, stream):
                if packet.size and not packet.is_discard:
                    stamps.append((packet.pts, packet.dts))
                if first is None:
                    first = next(iter(packet.decode()), None)
        except av.FFmpegError as error:
            raise VideoRejected(
                "corrupt_frames", f"reading fails after {len(stamps)} frames: {error.strerror}"
            ) from error
        if first is None:
            raise VideoRejected("zero_frames", "the file opens but holds no frame")
        return _Header(
            first.height,
            first.width,
            upright_rotation(first),
            first.colorspace,
            stream.codec_context.name,
            _presentation_times(Clock(container, stream), stamps),
        )


def _presentation_times(clock: Clock, stamps: list[tuple[int | None, int | None]]) -> list[float]:
    """Times in the order of presentation for packets, which come in the order of decoding."""
    pts = sorted(pts for pts, _ in stamps if pts is not None)
    dts = sorted(dts for _, dts in stamps if dts is not None)
    dated = zip_longest(pts, dts, [None] * len(stamps))
    return [clock.seconds(pts, dts) for pts, dts, _ in dated]
