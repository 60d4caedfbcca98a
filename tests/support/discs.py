"""Films of a disc that is round as players show it, whatever the shape of the pixels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HEIGHT, SHOWN_WIDTH = 144, 256
_DIAMETER = 96


def disc(
    pixel_aspect: Fraction, height: int = HEIGHT, shown_width: int = SHOWN_WIDTH
) -> np.ndarray:
    """[height, shown_width / pixel_aspect, 3] uint8: a bright disc in the middle of a dark frame."""
    width = round(shown_width / pixel_aspect)
    down = np.arange(height) + 0.5 - height / 2
    across = (np.arange(width) + 0.5 - width / 2) * float(pixel_aspect)
    inside = np.hypot(down[:, None], across) < _DIAMETER / 2
    return np.repeat(np.where(inside, 220, 30).astype(np.uint8)[..., None], 3, axis=2)


def write_disc_film(
    path: Path, codec: str, pixel_aspect: Fraction, count: int = 4, pix_fmt: str = "yuv420p"
) -> Path:
    """`count` frames of 144 rows that players show 256 pixels wide."""
    pixels = disc(pixel_aspect)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], pix_fmt
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        stream.codec_context.thread_count = 1
        for _ in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def disc_size(frame: np.ndarray) -> tuple[int, int]:
    """[H, W, 3] -> height and width of the disc in pixels."""
    inside = frame[..., 1] > 125
    return int(inside.any(axis=1).sum()), int(inside.any(axis=0).sum())
