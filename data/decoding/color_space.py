"""What the numbers of a decoded picture mean: matrix, range and transparency.

High dynamic range (the PQ and HLG transfers) is not tone-mapped: such films look flat. The
transparency of VP8 and VP9 in WebM, a second film beside the first, is not read.
"""

from __future__ import annotations

from functools import lru_cache

import av
import numpy as np

BT601 = 5
# BT.709, FCC, SMPTE 240M and BT.2020: the same numbers as AVColorSpace (libavutil/pixfmt.h) and as
# SWS_CS (libswscale/swscale.h). The rest, among it "unspecified", means BT.601 to FFmpeg.
_MATRICES = (1, 4, 7, 9)
MATRIX_NAMES = {1: "bt709", 4: "fcc", BT601: "bt601", 7: "smpte240m", 9: "bt2020"}  # libavfilter's
_LIMITED = 1  # AVColorRange: black is 16 and white 235 of 255
_FULL = 2


def yuv_matrix(frame: av.VideoFrame) -> int:
    """The matrix of the frame's YUV as one of libswscale's SWS_CS numbers.

    BT601 for RGB too, whatever its file says: FFmpeg 4 takes some RGB through YUV and back.
    """
    if frame.colorspace not in _MATRICES or frame.format.is_rgb:
        return BT601
    return frame.colorspace


def is_limited_gray(frame: av.VideoFrame) -> bool:
    """Whether the frame is gray alone and dark from 16 on, which swscale takes for 0 to 255."""
    return frame.color_range == _LIMITED and frame.format.name.startswith("gray")


def is_full_range_yuv(frame: av.VideoFrame) -> bool:
    """Whether the range is full by the frame's word alone, not by a pixel format such as yuvj420p."""
    told_by_format = frame.format.name.startswith(("yuvj", "gray", "ya", "pal"))
    return frame.color_range == _FULL and not (told_by_format or frame.format.is_rgb)


def expand_limited(levels: np.ndarray) -> np.ndarray:
    """uint8 levels of 16 to 235 -> uint8 of 0 to 255."""
    table = np.rint((np.arange(256) - 16) * (255 / 219)).clip(0, 255).astype(np.uint8)
    return table[levels]


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether the pixel format knows transparency, by a channel or a palette."""
    return _has_alpha(frame.format.name)


def is_transparent(frame: av.VideoFrame) -> bool:
    """Whether any pixel lets through what lies behind."""
    return has_alpha(frame) and bool(frame.to_ndarray(format="rgba")[..., 3].min() < 255)


@lru_cache
def _has_alpha(name: str) -> bool:
    pixel_format = av.VideoFormat(name)
    return pixel_format.has_palette or any(part.is_alpha for part in pixel_format.components)


def on_black(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 4] uint8 RGB and opacity -> [H, W, 3] uint8."""
    weighted: np.ndarray = pixels[..., :3] * pixels[..., 3:].astype(np.uint16)
    weighted += 127  # to the nearest
    weighted //= 255
    return weighted.astype(np.uint8)
