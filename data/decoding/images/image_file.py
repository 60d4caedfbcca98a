"""Pixels of still images, for film strips and numbered frames."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mocogan.data.rejection import RejectionCode, VideoRejected

# By the names of Pillow.
_MAGIC = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "BMP": rb"BM",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "PPM": rb"P[1-6]\s",
    "JPEG2000": rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
}
_CONVERT = "Convert the images to 8 or 16 bits"
_ORIENTATION = 0x0112  # EXIF
_QUARTER_TURNS = range(5, 9)  # orientations that swap height and width
# Exceptions that Pillow raises on damaged files.
_DAMAGE = (OSError, EOFError, SyntaxError, ValueError, IndexError, struct.error)


def image_format(head: bytes) -> str | None:
    """Returns PNG, JPEG, BMP, WEBP, TIFF, PPM or JPEG2000 by the first 12 bytes of a file, else None."""
    return next((name for name, magic in _MAGIC.items() if re.match(magic, head, re.DOTALL)), None)


class ImageHeader(NamedTuple):
    """The header of an image. Height and width are in pixels, after rotation to upright."""

    format: str  # as in image_format
    height: int
    width: int


class ImageFile:
    """An open image. Its pixels are decoded by `pixels`."""

    def __init__(self, image: Image.Image, damaged: RejectionCode, what: str) -> None:
        self._image = image
        self._reading = damaged, what
        with reading(*self._reading):
            # Pillow turns TIFF images itself.
            turned = image.format != "TIFF" and image.getexif().get(_ORIENTATION) in _QUARTER_TURNS
        height, width = (image.width, image.height) if turned else (image.height, image.width)
        self.header = ImageHeader(str(image.format), height, width)

    def pixels(self) -> np.ndarray:
        """Decodes the upright image as [H, W, 3] uint8 RGB.

        Transparent pixels are drawn on black, and 16-bit levels are reduced to 8 bits.
        Raises VideoRejected (also unsupported_codec, for levels of unknown range). libjpeg hides damage
        within a JPEG and does not report it.
        """
        with reading(*self._reading):
            return rgb_pixels(ImageOps.exif_transpose(self._image))


@contextmanager
def open_image(
    path: str, max_pixels: int, damaged: RejectionCode, what: str
) -> Iterator[ImageFile]:
    """Opens the image at `path`. Messages call it `what`.

    Raises VideoRejected: `damaged` for a damaged image, open_failed for a file that cannot be read, and
    too_many_pixels according to the header, before any pixel is decoded.
    """
    with reading(damaged, what), without_pillows_limit():
        image = Image.open(path, formats=tuple(_MAGIC))
    with image:
        check_size(image, max_pixels, what)
        yield ImageFile(image, damaged, what)


def check_size(image: Image.Image, max_pixels: int, what: str) -> None:
    """Raises VideoRejected (too_many_pixels) according to the header. The message calls the image `what`."""
    if image.width * image.height > max_pixels:
        raise VideoRejected(
            "too_many_pixels",
            f"{what} has {image.width}x{image.height} pixels, which exceeds "
            f"ingest.max_pixels={max_pixels}. Scale it down or raise ingest.max_pixels",
        )


@contextmanager
def reading(damaged: RejectionCode, what: str) -> Iterator[None]:
    """Turns Pillow's errors into rejections. Use it only around Pillow, not around the caller's code."""
    try:
        yield
    except UnidentifiedImageError as error:  # its message contains the path
        raise VideoRejected(
            damaged, f"{what} is damaged, or of a kind that Pillow does not read"
        ) from error
    except _DAMAGE as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # an error of the file system, not of Pillow
            raise VideoRejected(
                "open_failed", f"{what} cannot be read: {error.strerror}"
            ) from error
        raise VideoRejected(damaged, f"{what} is damaged: {error}") from error


@contextmanager
def without_pillows_limit() -> Iterator[None]:
    """Disables Pillow's limit of 179 million pixels, because `max_pixels` may allow more."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def rgb_pixels(image: Image.Image) -> np.ndarray:
    """Returns the pixels as [H, W, 3] uint8 RGB, as `ImageFile.pixels` does without the rotation."""
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would saturate
        levels = np.asarray(image)
        if levels.min() < 0 or levels.max() > 0xFFFF:
            raise VideoRejected(
                "unsupported_codec", f"32-bit levels have no known range. {_CONVERT}"
            )
        return np.repeat((levels >> 8).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    if image.mode == "F":
        raise VideoRejected("unsupported_codec", f"float levels have no known range. {_CONVERT}")
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    color = image.convert("RGBA")
    black = Image.new("RGBA", color.size, (0, 0, 0, 255))
    return np.asarray(Image.alpha_composite(black, color).convert("RGB"))
