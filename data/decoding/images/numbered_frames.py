"""Folders of numbered images. Each folder is one video, with its frames in the order of the numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.frame_names import ordered_frames
from mocogan.data.decoding.images.image_file import ImageFile, ImageHeader, open_image
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected


class NumberedFrames:
    """Decodes the images of one folder one by one. All frames have the time 0."""

    def __init__(self, folder: str, config: IngestConfig) -> None:
        self._paths = _frame_paths(folder)
        self._config = config
        with self._open(self._paths[0]) as image:
            self._first = image.header
        self._name = _shown(self._paths[0])

    @property
    def facts(self) -> VideoFacts:
        """The facts of the first frame. All frames must have the same size."""
        codec = self._first.format.lower()
        return VideoFacts("numbered frames", codec, self._first.width, self._first.height)

    def timeline(self) -> Timeline:
        """Returns 0 for every frame, because there is no frame rate."""
        return Timeline([0.0] * len(self._paths))

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Raises VideoRejected (corrupt_frames, too_many_pixels) with the frame's file name."""
        for path in self._paths[first:]:
            with self._open(path) as image:
                self._check_size(path, image.header)
                pixels = image.pixels()
            yield DecodedFrame(pixels, seconds=0.0)

    @contextmanager
    def _open(self, path: str) -> Iterator[ImageFile]:
        what = f"frame {_shown(path)}"
        with open_image(path, self._config.max_pixels, "corrupt_frames", what) as image:
            yield image

    def _check_size(self, path: str, header: ImageHeader) -> None:
        if (header.height, header.width) != (self._first.height, self._first.width):
            raise VideoRejected(
                "corrupt_frames",
                f"frame {_shown(path)} is {header.width}x{header.height} but {self._name} is "
                f"{self._first.width}x{self._first.height}. All frames must have the same size",
            )


@contextmanager
def open_numbered_frames(path: str, config: IngestConfig) -> Iterator[NumberedFrames]:
    """Opens the frames in the local folder `path`: the images that ordered_frames selects.

    Numbers may be missing.
    Raises VideoRejected: no_frame_rate when `config.fps` is set, bad_format for a number that appears
    twice, open_failed, zero_frames, not_a_file, corrupt_frames and too_many_pixels.
    """
    if config.fps is not None:
        raise VideoRejected(
            "no_frame_rate",
            f"numbered frames have no frame rate, so ingest.fps={config.fps} cannot be applied. "
            "Use ingest.frame_stride instead",
        )
    yield NumberedFrames(path, config)


def _frame_paths(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            frames = ordered_frames(entry.name for entry in entries if not entry.is_dir())
    except OSError as error:
        raise VideoRejected(
            "open_failed", f"the folder cannot be read: {error.strerror}"
        ) from error
    if not frames:
        raise VideoRejected("zero_frames", "the folder has no image with a number in its name")
    for first, second in pairwise(frames):
        if first.number == second.number:
            number = ", ".join(map(str, first.number))
            raise VideoRejected(
                "bad_format",
                f"frame {number} appears twice: {_shown(first.name)} and {_shown(second.name)}. "
                "Put each video in a separate folder",
            )
    paths = [os.path.join(folder, frame.name) for frame in frames]
    for path in paths:
        if not os.path.isfile(path):  # opening a pipe would wait forever
            raise VideoRejected("not_a_file", f"frame {_shown(path)} is not a regular file")
    return paths


def _shown(path: str) -> str:
    """Returns a readable form of a file name, which can contain any bytes."""
    return os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
