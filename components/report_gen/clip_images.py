"""Clips and pictures as images inside a page, within a budget of bytes."""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from mocogan.data.encoding.formats import FASTEST_ANIMATION, UNKNOWN_RATE
from mocogan.data.encoding.webp import encode_webp


class Rendering(NamedTuple):
    """How much of the clips a page shows."""

    quality: int | None  # of lossy images. None: without loss
    max_side: int  # of a frame in pixels. Larger ones are shrunk
    max_clips: int  # of a gallery


# The first one whose page is small enough is taken.
RENDERINGS = (
    Rendering(None, 192, 48),
    Rendering(80, 192, 48),
    Rendering(80, 128, 48),
    Rendering(60, 128, 48),
    Rendering(40, 96, 48),
    Rendering(40, 64, 48),
    Rendering(25, 64, 24),
    Rendering(25, 64, 12),
    Rendering(25, 64, 4),
    Rendering(25, 64, 0),
)


class TooLarge(Exception):
    """The images of a page exceed its budget."""


class ClipPicture(NamedTuple):
    """A clip as an animated image, and its first frame for readers who pause it. Both are data: URLs."""

    moving: str
    still: str
    alt: str
    width: int  # of the image in pixels
    height: int


class StillPicture(NamedTuple):
    """A picture without loss, as a data: URL."""

    source: str
    alt: str
    width: int
    height: int


class ClipImages:
    """Encodes the images of one page and counts their bytes."""

    def __init__(self, rendering: Rendering, budget: int) -> None:
        """`budget` is the largest sum of the lengths of all data: URLs in characters."""
        self.rendering = rendering
        self.shrunk = False  # whether frames were shrunk
        self._left = budget
        self._said_speed = ""
        self._encoded: dict[tuple[bytes, float | None], ClipPicture] = {}

    def clip(self, frames: np.ndarray, fps: float | None, alt: str) -> ClipPicture:
        """Encodes a clip [T, H, W, 3] uint8. `fps` is None if it is not known.

        Raises:
            TooLarge: The budget is exhausted.
        """
        key = hashlib.sha256(repr(frames.shape).encode() + frames.tobytes()).digest(), fps
        if key not in self._encoded:
            self._encoded[key] = self._encode(frames, fps)
        picture = self._encoded[key]._replace(alt=alt)
        self._spend(len(picture.moving) + len(picture.still))
        return picture

    def picture(self, pixels: np.ndarray, alt: str) -> StillPicture:
        """Encodes a picture [H, W, 3] uint8. Raises TooLarge as `clip` does."""
        source = _data_url(encode_webp(pixels[None]))
        self._spend(len(source))
        return StillPicture(source, alt, pixels.shape[1], pixels.shape[0])

    def speed(self, fps: float | None) -> str:
        """The speed of clips in words. Empty if the clips before have the same speed."""
        text = speed_text(fps)
        is_said, self._said_speed = text == self._said_speed, text
        return "" if is_said else text

    def _encode(self, frames: np.ndarray, fps: float | None) -> ClipPicture:
        small, quality = self._small(frames), self.rendering.quality
        rate = None if fps is None else min(fps, FASTEST_ANIMATION)
        moving, still = (
            _data_url(encode_webp(part, rate, quality=quality)) for part in (small, small[:1])
        )
        return ClipPicture(moving, still, "", small.shape[2], small.shape[1])

    def _small(self, frames: np.ndarray) -> np.ndarray:
        height, width = frames.shape[1:3]
        factor = self.rendering.max_side / max(height, width)
        if factor >= 1:
            return frames
        self.shrunk = True
        size = max(1, round(width * factor)), max(1, round(height * factor))
        box = Image.Resampling.BOX
        return np.stack([np.asarray(Image.fromarray(frame).resize(size, box)) for frame in frames])

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge


def speed_text(fps: float | None) -> str:
    """The speed of clips in words."""
    if fps is None:
        return f"The frame rate is not known; {UNKNOWN_RATE:g} frames are shown per second."
    if fps > FASTEST_ANIMATION:
        return f"Clips are shown at {FASTEST_ANIMATION:g} of {fps:.4g} frames per second, as browsers show no more."
    return f"Clips are shown at {fps:.4g} frames per second, the speed of the training clips."


def _data_url(content: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(content).decode("ascii")
