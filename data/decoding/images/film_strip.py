"""Film strips: one PNG or JPEG image per video, its square frames side by side or below each other.

The form in which the MoCoGAN authors' loader reads videos (github.com/sergeytulyakov/mocogan).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.images.image_file import ImageFile, image_format, open_image
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected


def is_film_strip(head: bytes) -> bool:
    """Whether a file that begins with these bytes (8 or more) is a PNG or JPEG image."""
    return image_format(head) in ("PNG", "JPEG")


class FilmStrip:
    """An open strip as a Decoder: its square frames, all dated 0, since it knows no frame rate."""

    def __init__(self, image: ImageFile) -> None:
        """Raises VideoRejected (bad_format) unless whole squares fill the image."""
        _, self._height, self._width = image.header
        self._side = min(self._height, self._width)
        self._count = max(self._height, self._width) // self._side
        if self._count < 2 or max(self._height, self._width) % self._side:
            raise VideoRejected(
                "bad_format",
                f"an image of {self._width}x{self._height} is no film strip: "
                "its longer side must be a whole multiple, 2 or more, of its shorter",
            )
        self._image = image

    @property
    def facts(self) -> VideoFacts:
        """Height and width are those of a frame."""
        return VideoFacts("film strip", self._image.header.format.lower(), self._side, self._side)

    def times(self) -> Sequence[float]:
        """0 for every frame."""
        return [0.0] * self._count

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        axis = 1 if self._width > self._height else 0
        for frame in np.split(self._image.pixels(), self._count, axis=axis)[first:]:
            yield DecodedFrame(frame, seconds=0.0)


@contextmanager
def open_film_strip(path: str, config: IngestConfig) -> Iterator[FilmStrip]:
    """The strip at `path`.

    Raises VideoRejected, also within the block while frames are read (no_frame_rate when
    `config.fps` is set, bad_format, open_failed, too_many_pixels for the image as a whole).
    """
    if config.fps is not None:
        raise VideoRejected(
            "no_frame_rate",
            f"a film strip has none, so fps={config.fps} means nothing here: use frame_stride",
        )
    with open_image(path, config.max_pixels, "open_failed", "the image") as image:
        yield FilmStrip(image)
