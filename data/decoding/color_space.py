"""Meaning of the values in a decoded picture: color matrix, value range and transparency.

VP8 and VP9 in WebM store transparency as a second video, which is not read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeGuard

import av
import numpy as np

from mocogan.data.decoding.hdr import is_hdr

BT601 = 5
# BT.709, FCC, SMPTE 240M and BT.2020. AVColorSpace (libavutil/pixfmt.h) and SWS_CS
# (libswscale/swscale.h) use the same numbers. FFmpeg treats all others, also "unspecified", as BT.601.
_MATRICES = (1, 4, 7, 9)
_BT2020 = 9  # of HDR video that does not tell its matrix
# Names in libavfilter.
MATRIX_NAMES = {1: "bt709", 4: "fcc", BT601: "bt601", 7: "smpte240m", 9: "bt2020"}
_LIMITED = 1  # AVColorRange: black is 16 and white is 235
_FULL = 2


def yuv_matrix(frame: av.VideoFrame) -> int:
    """Returns the YUV matrix of the frame as an SWS_CS number of libswscale.

    RGB frames always give BT601, because FFmpeg 4 converts some RGB to YUV and back.
    """
    if frame.format.is_rgb:
        return BT601
    if frame.colorspace in _MATRICES:
        return frame.colorspace
    return _BT2020 if is_hdr(frame) else BT601


def is_limited_gray(frame: av.VideoFrame) -> bool:
    """Tells whether the frame is gray with levels from 16 to 235, which swscale reads as 0 to 255."""
    return frame.color_range == _LIMITED and frame.format.name.startswith("gray")


def is_full_range_yuv(frame: av.VideoFrame) -> bool:
    """Tells whether only the frame's range flag says "full", and not a pixel format such as yuvj420p."""
    told_by_format = frame.format.name.startswith(("yuvj", "gray", "ya", "pal"))
    return frame.color_range == _FULL and not (told_by_format or frame.format.is_rgb)


def is_opaque_yuv(image: av.VideoFrame | np.ndarray) -> TypeGuard[av.VideoFrame]:
    """Tells whether an image is a frame in YUV colors without transparency. Gray is not meant."""
    if isinstance(image, np.ndarray) or image.format.is_rgb or has_alpha(image):
        return False
    return len(image.format.components) == 3


def expand_limited(levels: np.ndarray) -> np.ndarray:
    """uint8 levels in [16, 235] -> uint8 levels in [0, 255], same shape."""
    table = np.rint((np.arange(256) - 16) * (255 / 219)).clip(0, 255).astype(np.uint8)
    return table[levels]


def has_alpha(frame: av.VideoFrame) -> bool:
    """Tells whether the pixel format supports transparency, with a channel or a palette."""
    return _has_alpha(frame.format.name)


def is_transparent(frame: av.VideoFrame) -> bool:
    """Tells whether any pixel is at least partly transparent."""
    if not has_alpha(frame):
        return False
    # On several threads, libswscale sometimes writes a wrong row.
    pixels = frame.reformat(format="rgba", threads=1).to_ndarray()
    return bool(pixels[..., 3].min() < 255)


@lru_cache
def _has_alpha(name: str) -> bool:
    pixel_format = av.VideoFormat(name)
    return pixel_format.has_palette or any(part.is_alpha for part in pixel_format.components)


def on_black(pixels: np.ndarray) -> np.ndarray:
    """RGBA pixels [H, W, 4] uint8 -> RGB pixels on black [H, W, 3] uint8."""
    weighted: np.ndarray = pixels[..., :3] * pixels[..., 3:].astype(np.uint16)
    weighted += 127  # rounds to the nearest
    weighted //= 255
    return weighted.astype(np.uint8)
