"""Film strips: one PNG or JPEG image per video, with square frames in one row or one column.

The loader of the MoCoGAN authors (github.com/sergeytulyakov/mocogan) uses this format.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.image_file import ImageFile, image_format, open_image
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected


def is_film_strip(head: bytes) -> bool:
    """Tells whether a file that begins with these bytes (8 or more) is a PNG or JPEG image."""
    return image_format(head) in ("PNG", "JPEG")


class FilmStrip:
    """Decodes an open film strip. It has no frame rate, so all frames have the time 0."""

    def __init__(self, image: ImageFile) -> None:
        """Raises VideoRejected (bad_format) unless square frames fill the image."""
        _, self._height, self._width = image.header
        self._side = min(self._height, self._width)
        self._count = max(self._height, self._width) // self._side
        if self._count < 2 or max(self._height, self._width) % self._side:
            raise VideoRejected(
                "bad_format",
                f"an image of {self._width}x{self._height} pixels is not a film strip. "
                "Its longer side must be a multiple (2 or more) of its shorter side",
            )
        self._image = image

    @property
    def facts(self) -> VideoFacts:
        """The facts. Height and width are those of one frame."""
        return VideoFacts("film strip", self._image.header.format.lower(), self._side, self._side)

    def timeline(self) -> Timeline:
        """Returns 0 for every frame."""
        return Timeline([0.0] * self._count)

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        axis = 1 if self._width > self._height else 0
        for frame in np.split(self._image.pixels(), self._count, axis=axis)[first:]:
            yield DecodedFrame(frame, seconds=0.0)


@contextmanager
def open_film_strip(path: str, config: IngestConfig) -> Iterator[FilmStrip]:
    """Opens the film strip at `path`.

    Raises VideoRejected, also within the block while frames are read: no_frame_rate when `config.fps`
    is set, bad_format, open_failed, and too_many_pixels for the whole image.
    """
    if config.fps is not None:
        raise VideoRejected(
            "no_frame_rate",
            f"a film strip has no frame rate, so ingest.fps={config.fps} cannot be applied. "
            "Use ingest.frame_stride instead",
        )
    with open_image(path, config.max_pixels, "open_failed", "the image") as image:
        yield FilmStrip(image)
