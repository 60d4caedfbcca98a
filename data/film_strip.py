"""Film strips: one PNG or JPEG image per video, its square frames side by side or below each other.

The form in which the MoCoGAN authors' loader reads videos (github.com/sergeytulyakov/mocogan).
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from PIL import Image

from data.decoded_frame import DecodedFrame
from data.rejection import VideoRejected

# 8192 x 8192 RGB pixels are 201 MB; 8K video has half as many.
MAX_PIXELS = 8192 * 8192
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def is_film_strip(head: bytes) -> bool:
    """Whether a file that begins with these bytes (8 or more) is a PNG or JPEG image."""
    return head.startswith(_MAGIC)


def film_strip_frames(path: str) -> Generator[DecodedFrame, None, None]:
    """The square frames of the strip at `path`, all dated 0: a strip knows no frame rate.

    Raises VideoRejected (bad_format, open_failed, too_many_pixels).
    """
    pixels = _load(path)
    height, width, _ = pixels.shape
    side = min(height, width)
    if height == width or max(height, width) % side:
        raise VideoRejected(
            "bad_format",
            f"an image of {width}x{height} is no film strip: "
            "its longer side must be 2 or more times its shorter side",
        )
    count = max(height, width) // side
    for frame in np.split(pixels, count, axis=1 if width > height else 0):
        yield DecodedFrame(frame, seconds=0.0)


def _load(path: str) -> np.ndarray:
    """[H, W, 3] uint8; transparent pixels on black."""
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise VideoRejected(
                    "too_many_pixels",
                    f"the image has {image.width}x{image.height} pixels; {MAX_PIXELS} are allowed",
                )
            return _on_black(image)
    except Image.DecompressionBombError as error:
        raise VideoRejected("too_many_pixels", str(error)) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises on damaged files
        raise VideoRejected("open_failed", f"damaged image: {error}") from error


def _on_black(image: Image.Image) -> np.ndarray:
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    colour = image.convert("RGBA")
    black = Image.new("RGBA", colour.size, (0, 0, 0, 255))
    return np.asarray(Image.alpha_composite(black, colour).convert("RGB"))
