"""From a file to clips: the one interface to every decoder."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import count, islice

import numpy as np

from data.clip import Clip
from data.decoded_frame import DecodedFrame
from data.film_strip import film_strip_frames, is_film_strip
from data.frame_scaler import FrameScaler
from data.pyav_decoder import pyav_frames
from data.rejection import VideoRejected
from data.sampling import sample
from data.spec import IngestSpec


def check_decoder(name: str) -> None:
    """Raises data.ffmpeg4.DecoderUnavailable, with what to do, if decoder `name` cannot work here."""
    if name == "tfio":
        from data.tfio_decoder import check_tfio  # loads TensorFlow, which PyAV does without

        check_tfio()


def decode_clips(path: str | bytes, spec: IngestSpec) -> Iterator[Clip]:
    """Clips [num_frames, stored_size, stored_size, 3] uint8: windows that follow one another.

    Film strips (PNG, JPEG) are known by their content and read without `spec.decoder`. Frames left
    over at the end are dropped. Decoding stops as soon as `clips_per_video` are made.
    Raises VideoRejected, also after some clips: a file is good only once the iterator has ended.
    """
    with closing(_frames(os.fsdecode(path), spec)) as frames:
        seen = count()
        counted = (frame for frame, _ in zip(frames, seen, strict=False))
        scaled = _scale(sample(counted, spec), spec)
        for index in count():
            if index == spec.clips_per_video:
                return
            window = list(islice(scaled, spec.num_frames))
            if len(window) < spec.num_frames:
                if index == 0:
                    raise _too_few(next(seen), len(window), spec)
                return
            pixels, seconds = zip(*window, strict=True)
            yield Clip(np.stack(pixels), index, seconds[0])


def _scale(frames: Iterator[DecodedFrame], spec: IngestSpec) -> Iterator[tuple[np.ndarray, float]]:
    """Each frame's [stored_size, stored_size, 3] uint8 and time; a frame repeated is scaled once."""
    scaler = FrameScaler(spec)
    last: DecodedFrame | None = None
    for frame in frames:
        if frame is not last:
            pixels, last = scaler(frame), frame
        yield pixels, frame.seconds


def _too_few(seen: int, sampled: int, spec: IngestSpec) -> VideoRejected:
    if seen == 0:
        return VideoRejected("zero_frames", "the file opens but holds no frame")
    if spec.fps is not None:
        return VideoRejected(
            "too_short",
            f"its {seen} frames give {sampled} at fps={spec.fps}; a clip needs {spec.num_frames}",
        )
    needed = (spec.num_frames - 1) * spec.frame_stride + 1
    return VideoRejected(
        "too_short",
        f"{seen} frames; a clip of {spec.num_frames} at frame_stride {spec.frame_stride} "
        f"needs {needed}",
    )


def _frames(path: str, spec: IngestSpec) -> Generator[DecodedFrame, None, None]:
    head = _head(path)
    if is_film_strip(head):
        if spec.fps is not None:
            raise VideoRejected(
                "no_frame_rate",
                f"a film strip has none, so fps={spec.fps} means nothing here: use frame_stride",
            )
        return film_strip_frames(path)
    if spec.decoder == "tfio":
        from data.tfio_decoder import tfio_frames

        return tfio_frames(path)
    return pyav_frames(path)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError as error:
        raise VideoRejected("open_failed", f"cannot be read: {error.strerror}") from error
    if not head:
        raise VideoRejected("empty_file", "the file is empty")
    return head
