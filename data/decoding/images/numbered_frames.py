"""Folders of numbered images: one video each, its frames in the order of the numbers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.image_file import ImageFile, ImageHeader, open_image
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

# The end of a name without its ending; digits alone are no ending ("frame.0001").
_NUMBER = re.compile(r"([0-9]+)(?:\.(?![0-9]+\Z)[^.]*)?\Z")
# With such a name a file is a frame even if its content says otherwise: a damaged one.
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def frame_number(name: str) -> int | None:
    """The number at the end of a file's name, before its ending: 7 for "shot2_007.png"."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else None


def frames_among(names: Iterable[str]) -> list[str]:
    """Those of a folder's files that are frames by their `names`, in the order of their numbers.

    That is not the order of the names: 2 comes before 10. Once a numbered file has an image's ending,
    numbered files with other endings are no frames.
    """
    visible = (name for name in names if not name.startswith("."))
    numbered = [(number, name) for name in visible if (number := frame_number(name)) is not None]
    images = [frame for frame in numbered if frame[1].lower().endswith(IMAGE_ENDINGS)]
    return [name for _, name in sorted(images or numbered)]


class NumberedFrames:
    """The images of one folder as a Decoder. They are decoded one by one and dated 0."""

    def __init__(self, folder: str, config: IngestConfig) -> None:
        self._paths = _frame_paths(folder)
        self._config = config
        with self._open(self._paths[0]) as image:
            self._first = image.header
        self._name = _shown(self._paths[0])

    @property
    def facts(self) -> VideoFacts:
        """Of the first frame: a video's frames must be alike."""
        codec = self._first.format.lower()
        return VideoFacts("numbered frames", codec, self._first.width, self._first.height)

    def times(self) -> Sequence[float]:
        """0 for every frame: they know no frame rate."""
        return [0.0] * len(self._paths)

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Raises VideoRejected (corrupt_frames, too_many_pixels), naming the frame's file."""
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
                f"frame {_shown(path)} is {header.width}x{header.height} where {self._name} is "
                f"{self._first.width}x{self._first.height}: a video's frames have one size",
            )


@contextmanager
def open_numbered_frames(path: str, config: IngestConfig) -> Iterator[NumberedFrames]:
    """The frames in the local folder `path`: PNG, JPEG, WebP and BMP files, as frames_among tells.

    Numbers may be missing.
    Raises VideoRejected (no_frame_rate when `config.fps` is set, open_failed, zero_frames,
    bad_format for a number that comes twice, not_a_file, corrupt_frames, too_many_pixels).
    """
    if config.fps is not None:
        raise VideoRejected(
            "no_frame_rate",
            f"numbered frames have none, so fps={config.fps} means nothing here: use frame_stride",
        )
    yield NumberedFrames(path, config)


def _frame_paths(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = frames_among(entry.name for entry in entries if not entry.is_dir())
    except OSError as error:
        raise VideoRejected("open_failed", f"cannot be read: {error.strerror}") from error
    if not names:
        raise VideoRejected("zero_frames", "the folder holds no image with a number in its name")
    for first, second in pairwise(names):
        if frame_number(first) == frame_number(second):
            raise VideoRejected(
                "bad_format",
                f"frame {frame_number(first)} comes twice: {_shown(first)} and {_shown(second)}; "
                "give each video a folder of its own",
            )
    paths = [os.path.join(folder, name) for name in names]
    for path in paths:
        if not os.path.isfile(path):  # opening a pipe would wait for ever
            raise VideoRejected("not_a_file", f"frame {_shown(path)} is no regular file")
    return paths


def _shown(path: str) -> str:
    """A file's name for people, whatever bytes it is made of."""
    return os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
