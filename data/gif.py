"""Animated GIFs of clips."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def encode_gif(frames: np.ndarray, fps: float = 10.0, scale: int = 1) -> bytes:
    """Encodes a clip as an animated GIF that loops forever.

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        fps: Frames per second.
        scale: Factor by which each pixel is enlarged in height and width.

    Returns:
        The bytes of the GIF file.

    Raises:
        ValueError: `frames` has another shape or dtype.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames must be [T, H, W, 3] uint8, got {frames.shape} {frames.dtype}")
    frames = frames.repeat(scale, axis=1).repeat(scale, axis=2)
    # All frames share one palette, because a changing palette flickers.
    palette = Image.fromarray(np.concatenate(list(frames))).quantize(256)
    images = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=round(1000 / fps),
        loop=0,
        optimize=False,
    )
    return buffer.getvalue()
