"""Animated GIFs of clips."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

from mocogan.data.encoding.formats import FASTEST_ANIMATION, UNKNOWN_RATE
from mocogan.data.encoding.pictures import check_clip, enlarge, frame_times

_TICKS_PER_SECOND = 100  # the unit of delays in a GIF
_TICK = Fraction(1, _TICKS_PER_SECOND)
_COLORS_FOR_A_PALETTE = 1 << 14  # more take ten times as long and give no better palette
_CODES = np.array([1 << 16, 1 << 8, 1], np.int32)  # color -> number


def encode_gif(frames: np.ndarray, fps: float | None = None, scale: int = 1) -> bytes:
    """Encodes a clip as an animated GIF that loops forever.

    Every frame is kept, also if it equals the one before. Pillow would merge the two.

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        fps: Frames per second of the clip. None: it is not known, and 10 are shown. GIFs play at 50 at most.
            Delays are whole hundredths of a second, and alternate to keep the rate.
        scale: Factor by which each pixel is enlarged in height and width.

    Returns:
        The bytes of the GIF file.

    Raises:
        ValueError: `frames` has another shape or dtype.
    """
    check_clip(frames)
    rate = min(fps or UNKNOWN_RATE, FASTEST_ANIMATION)
    times = frame_times(len(frames), rate, _TICKS_PER_SECOND)
    _, height, width, _ = frames.shape
    # The muxer derives each delay from the times of two frames, so it has to be told the last one.
    options = {"loop": "0", "final_delay": str(times[-1] - times[-2])}
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", width=width * scale, height=height * scale)
        stream.pix_fmt, stream.codec_context.time_base = "pal8", _TICK
        for picture, time in zip(_with_one_palette(frames, scale), times, strict=False):
            picture.pts, picture.time_base = int(time), _TICK
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _with_one_palette(frames: np.ndarray, scale: int) -> Iterator[av.VideoFrame]:
    """Enlarges the frames and reduces all to the same 256 colors, because a changing palette flickers."""
    palette = _palette(frames)
    colors = np.array(palette.getpalette(), np.uint8).reshape(-1, 3)
    argb = np.zeros((256, 4), np.uint8)
    argb[:, 0], argb[: len(colors), 1:] = 255, colors
    for frame in frames:
        numbers = Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        pal8: Any = (enlarge(np.asarray(numbers), scale), argb)  # PyAV's types leave out this form
        yield av.VideoFrame.from_ndarray(pal8, format="pal8")


def _palette(frames: np.ndarray) -> Image.Image:
    """Chooses 256 colors. With very many colors, it looks at every third, fifth, ... pixel."""
    pixels = frames.reshape(-1, 3)
    num_colors = len(np.unique(pixels.astype(np.int32) @ _CODES))
    step = num_colors // _COLORS_FOR_A_PALETTE | 1  # odd, so that all columns are seen
    return Image.fromarray(np.ascontiguousarray(pixels[np.newaxis, ::step])).quantize(256)
