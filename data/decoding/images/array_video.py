"""Videos as arrays: .npy files [T, H, W, 3] uint8, which `mocogan.data.source.containers.video_arrays` makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

_MAGIC = b"\x93NUMPY"


def is_array(head: bytes) -> bool:
    """Tells whether a file that begins with these bytes is an .npy file."""
    return head.startswith(_MAGIC)


class ArrayVideo:
    """The frames of an array. There is no frame rate, so all frames have the time 0."""

    def __init__(self, frames: np.ndarray) -> None:
        self._frames = frames

    @property
    def facts(self) -> VideoFacts:
        """The facts, with the height and width of the array."""
        _, height, width, _ = self._frames.shape
        return VideoFacts("array", "uint8", width, height)

    def timeline(self) -> Timeline:
        """Returns 0 for every frame."""
        return Timeline([0.0] * len(self._frames))

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        for frame in self._frames[first:]:
            yield DecodedFrame(np.array(frame), seconds=0.0)


@contextmanager
def open_array(path: str, config: IngestConfig) -> Iterator[ArrayVideo]:
    """Opens the array at `path`. Its frames are read one by one.

    Raises VideoRejected: no_frame_rate when `config.fps` is set, open_failed, bad_format, zero_frames and
    too_many_pixels.
    """
    if config.fps is not None:
        raise VideoRejected(
            "no_frame_rate",
            f"an array has no frame rate, so ingest.fps={config.fps} cannot be applied. "
            "Use ingest.frame_stride instead",
        )
    try:
        frames = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise VideoRejected("open_failed", f"the array is damaged: {error}") from error
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3:
        raise VideoRejected(
            "bad_format",
            f"an array of {frames.dtype} {frames.shape} is not a video [T, H, W, 3] uint8. "
            "Give the file the ending .npy, so that its axes are looked at",
        )
    if not len(frames):
        raise VideoRejected("zero_frames", "the array has no frame")
    height, width = frames.shape[1:3]
    if height * width > config.max_pixels:
        raise VideoRejected(
            "too_many_pixels",
            f"the frames have {width}x{height} pixels, which exceeds ingest.max_pixels="
            f"{config.max_pixels}. Scale the video down or raise ingest.max_pixels",
        )
    yield ArrayVideo(frames)
