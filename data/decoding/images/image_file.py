"""Still images as pixels: what film strips and numbered frames are read from."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mocogan.data.rejection import RejectionCode, VideoRejected

_MAGIC = {
    "PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG": b"\xff\xd8\xff",
    "BMP": b"BM",
}
_ORIENTATION = 0x0112  # EXIF
_QUARTER_TURNS = range(5, 9)  # values of it that swap height and width
# What Pillow raises on damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, IndexError, struct.error)


def image_format(head: bytes) -> str | None:
    """PNG, JPEG, BMP or WEBP by a file's first 12 bytes, else None."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)


class ImageHeader(NamedTuple):
    """What an image says of itself; height and width in pixels, upright."""

    format: str  # PNG, JPEG, BMP, WEBP
    height: int
    width: int


class ImageFile:
    """An open image, whose pixels are decoded when they are asked for."""

    def __init__(self, image: Image.Image, damaged: RejectionCode, what: str) -> None:
        self._image = image
        self._reading = damaged, what
        with _reading(*self._reading):
            turned = image.getexif().get(_ORIENTATION) in _QUARTER_TURNS
        height, width = (image.width, image.height) if turned else (image.height, image.width)
        self.header = ImageHeader(str(image.format), height, width)

    def pixels(self) -> np.ndarray:
        """[H, W, 3] uint8 RGB, upright; transparent pixels on black, 16 bits cut to 8.

        Raises VideoRejected. Within a JPEG libjpeg covers damage up, and tells nobody.
        """
        with _reading(*self._reading):
            return _rgb(ImageOps.exif_transpose(self._image))


@contextmanager
def open_image(
    path: str, max_pixels: int, damaged: RejectionCode, what: str
) -> Iterator[ImageFile]:
    """The image at `path`, which messages call `what`.

    Raises VideoRejected: `damaged` for a file that is no whole image, open_failed for one that cannot
    be read, too_many_pixels by the header, before anything is decoded.
    """
    with _reading(damaged, what), _without_pillows_limit():
        image = Image.open(path, formats=(*_MAGIC, "WEBP"))
    with image:
        if image.width * image.height > max_pixels:
            raise VideoRejected(
                "too_many_pixels",
                f"{what} has {image.width}x{image.height} pixels; max_pixels={max_pixels} are "
                "allowed: scale it down or raise max_pixels",
            )
        yield ImageFile(image, damaged, what)


@contextmanager
def _reading(damaged: RejectionCode, what: str) -> Iterator[None]:
    """Around Pillow's own work alone: a caller's OSError is not the image's."""
    try:
        yield
    except UnidentifiedImageError as error:  # its message has the path in it
        raise VideoRejected(
            damaged, f"{what} is damaged: it does not begin as an image does"
        ) from error
    except _DAMAGE as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # the file system's, not Pillow's
            raise VideoRejected(
                "open_failed", f"{what} cannot be read: {error.strerror}"
            ) from error
        raise VideoRejected(damaged, f"{what} is damaged: {error}") from error


@contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Of 179 million pixels for every image of the process; `max_pixels` may allow more."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow itself would saturate
        levels = (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
        return np.repeat(levels[..., np.newaxis], 3, axis=2)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    color = image.convert("RGBA")
    black = Image.new("RGBA", color.size, (0, 0, 0, 255))
    return np.asarray(Image.alpha_composite(black, color).convert("RGB"))
