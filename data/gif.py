"""Animated GIFs of clips."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

_TICKS_A_SECOND = 100  # the unit of delays in a GIF
_TICK = Fraction(1, _TICKS_A_SECOND)
_UNKNOWN_RATE = 10.0  # of film strips and numbered frames
_HIGHEST_RATE = 50.0  # players show a frame of less than 2 ticks for 10


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
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames must be [T, H, W, 3] uint8, got {frames.shape} {frames.dtype}")
    frames = frames.repeat(scale, axis=1).repeat(scale, axis=2)
    times = np.rint(
        np.arange(len(frames) + 1) / min(fps or _UNKNOWN_RATE, _HIGHEST_RATE) * _TICKS_A_SECOND
    )
    times = times.astype(int)
    # The muxer derives each delay from the times of two frames, so it has to be told the last one.
    options = {"loop": "0", "final_delay": str(times[-1] - times[-2])}
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", width=frames.shape[2], height=frames.shape[1])
        stream.pix_fmt, stream.codec_context.time_base = "pal8", _TICK
        for picture, time in zip(_with_one_palette(frames), times, strict=False):
            picture.pts, picture.time_base = int(time), _TICK
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _with_one_palette(frames: np.ndarray) -> list[av.VideoFrame]:
    """Reduces all frames to the same 256 colors, because a changing palette flickers."""
    palette = Image.fromarray(np.concatenate(list(frames))).quantize(256)
    colors = np.array(palette.getpalette(), np.uint8).reshape(-1, 3)
    argb = np.zeros((256, 4), np.uint8)
    argb[:, 0], argb[: len(colors), 1:] = 255, colors
    pictures = []
    for frame in frames:
        numbers = Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        pal8: Any = (np.asarray(numbers), argb)  # PyAV's types leave out this form
        pictures.append(av.VideoFrame.from_ndarray(pal8, format="pal8"))
    return pictures
