"""Frames of an animated GIF, each once. FFmpeg would repeat a frame that is shown for longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image

from mocogan.data.decoding.images.image_file import (
    reading,
    rgb_pixels,
    without_pillows_limit,
)
from mocogan.data.decoding.video_facts import VideoFacts

_WHAT = "the GIF"


def is_gif(head: bytes) -> bool:
    """Tells whether a file that begins with these bytes (6 or more) is a GIF."""
    return head.startswith((b"GIF87a", b"GIF89a"))


class GifFile:
    """An open GIF."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image

    @property
    def facts(self) -> VideoFacts:
        """The facts, without frame rate and duration."""
        return VideoFacts("gif", "gif", self._image.width, self._image.height)

    def frames(self) -> Iterator[np.ndarray]:
        """Yields each frame as [H, W, 3] uint8 RGB, on black. Raises VideoRejected."""
        number = 0
        while True:
            with reading("corrupt_frames", _WHAT):
                try:
                    self._image.seek(number)
                except EOFError:  # the end
                    return
                pixels = rgb_pixels(self._image)
            yield pixels
            number += 1


@contextmanager
def open_gif(path: str) -> Iterator[GifFile]:
    """Opens the GIF at `path`. Raises VideoRejected (open_failed)."""
    with reading("open_failed", _WHAT), without_pillows_limit():
        image = Image.open(path, formats=("GIF",))
    with image:
        yield GifFile(image)
