"""Animated PNG and WebP images, decoded by Pillow.

FFmpeg reads no animated WebP. It decodes animated GIF and AVIF like other videos.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate

from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.animation_times import animation_format, milliseconds
from mocogan.data.decoding.images.image_file import (
    check_size,
    reading,
    rgb_pixels,
    without_pillows_limit,
)
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected

_WHAT = "the animation"


def is_animated_image(path: str) -> bool:
    """Tells whether the file at `path` is a PNG or WebP image of two frames or more.

    Raises VideoRejected (open_failed).
    """
    with reading("open_failed", _WHAT):
        return animation_format(path) is not None


class AnimatedImage:
    """Decodes an open animation."""

    def __init__(self, image: Image.Image, durations: Sequence[float]) -> None:
        """`durations` are in milliseconds."""
        self._image = image
        # A PNG can begin with a picture for programs that do not know animations.
        self._skipped = int(bool(image.info.get("default_image")))
        self._durations = [duration / 1000 for duration in durations]
        self._starts = [start / 1000 for start in accumulate(durations, initial=0.0)]

    @property
    def facts(self) -> VideoFacts:
        """The facts. The frame rate is the average."""
        form = str(self._image.format).lower()
        count, seconds = len(self._durations), self._starts[-1]
        return VideoFacts(
            f"animated {form}",
            form,
            self._image.width,
            self._image.height,
            round(count / seconds, 3),
            seconds,
        )

    def timeline(self) -> Timeline:
        return Timeline(self._starts[:-1], self._durations[-1])

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Draws transparent pixels on black. Raises VideoRejected (corrupt_frames)."""
        for number in range(first, len(self._durations)):
            with reading("corrupt_frames", _WHAT):
                self._image.seek(number + self._skipped)
                pixels = rgb_pixels(self._image)
            yield DecodedFrame(pixels, self._starts[number], self._durations[number])


@contextmanager
def open_animated_image(path: str, config: IngestConfig) -> Iterator[AnimatedImage]:
    """Opens the animation at `path`. Raises VideoRejected (open_failed, too_many_pixels)."""
    with reading("open_failed", _WHAT), without_pillows_limit():
        form = animation_format(path)
        if form is None:
            raise VideoRejected("bad_format", f"{_WHAT} is not an animated PNG or WebP image")
        durations = milliseconds(path, form)
        image = Image.open(path, formats=(form,))
    with image:
        check_size(image, config.max_pixels, _WHAT)
        yield AnimatedImage(image, durations)
