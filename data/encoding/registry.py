"""The encoder of each format."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mocogan.data.encoding.apng import encode_apng
from mocogan.data.encoding.formats import FORMATS
from mocogan.data.encoding.gif import encode_gif
from mocogan.data.encoding.mp4 import encode_mp4
from mocogan.data.encoding.npy import encode_npy
from mocogan.data.encoding.png_strip import encode_png_strip
from mocogan.data.encoding.webp import encode_webp

_ENCODERS: dict[str, Callable[[np.ndarray, float | None, int], bytes]] = {
    "gif": encode_gif,
    "mp4": encode_mp4,
    "webp": encode_webp,
    "apng": encode_apng,
    "png-strip": encode_png_strip,
    "npy": encode_npy,
}


def encode_clip(
    frames: np.ndarray, format: str, fps: float | None = None, scale: int | None = None
) -> bytes:
    """Encodes a clip as the content of a file. All frames are kept, also if neighbors are equal.

    The same clip gives the same bytes.

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        format: A name in FORMATS.
        fps: Frames per second of the clip. None: it is not known, and 10 are shown.
        scale: Factor by which each pixel is enlarged in height and width. None: the default of the format.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: `frames` has another shape or dtype.
        KeyError: The format is not known.
    """
    return _ENCODERS[format](frames, fps, FORMATS[format].scale if scale is None else scale)
