"""Folders of numbered images. Each folder is one video, with its frames in the order of the numbers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.image_file import ImageFile, ImageHeader, open_image
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

# The number at the end of a name, before the extension. Digits are not an extension ("frame.0001").
_NUMBER = re.compile(r"([0-9]+)(?:\.(?![0-9]+\Z)[^.]*)?\Z")
# Images of these formats are never film strips.
FRAME_ENDINGS = (
    *(".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
    *(".jp2", ".j2k", ".j2c", ".jpf", ".jpx"),
)
# A file with such a name is a frame. If its content is not an image, the frame is damaged.
IMAGE_ENDINGS = (*(".png", ".jpg", ".jpeg", ".webp", ".bmp"), *FRAME_ENDINGS)


def frame_number(name: str) -> int | None:
    """Returns the number at the end of a file name, before the extension: 7 for "shot2_007.png"."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else None


def frames_among(names: Iterable[str]) -> list[str]:
    """Returns the files of a folder that are frames by their `names`, in the order of their numbers.

    2 comes before 10, unlike in the order of the names. If a numbered file has an image extension,
    numbered files with other extensions are not frames.
    """
    visible = (name for name in names if not name.startswith("."))
    numbered = [(number, name) for name in visible if (number := frame_number(name)) is not None]
    images = [frame for frame in numbered if frame[1].lower().endswith(IMAGE_ENDINGS)]
    return [name for _, name in sorted(images or numbered)]


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
    """Opens the frames in the local folder `path`: the images that frames_among selects.

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
            names = frames_among(entry.name for entry in entries if not entry.is_dir())
    except OSError as error:
        raise VideoRejected(
            "open_failed", f"the folder cannot be read: {error.strerror}"
        ) from error
    if not names:
        raise VideoRejected("zero_frames", "the folder has no image with a number in its name")
    for first, second in pairwise(names):
        if frame_number(first) == frame_number(second):
            raise VideoRejected(
                "bad_format",
                f"frame {frame_number(first)} appears twice: {_shown(first)} and {_shown(second)}. "
                "Put each video in a separate folder",
            )
    paths = [os.path.join(folder, name) for name in names]
    for path in paths:
        if not os.path.isfile(path):  # opening a pipe would wait forever
            raise VideoRejected("not_a_file", f"frame {_shown(path)} is not a regular file")
    return paths


def _shown(path: str) -> str:
    """Returns a readable form of a file name, which can contain any bytes."""
    return os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
