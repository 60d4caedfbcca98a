"""NumPy files of clips."""

from __future__ import annotations

import io

import numpy as np

from mocogan.data.encoding.pictures import check_clip


def encode_npy(frames: np.ndarray, fps: float | None = None, scale: int = 1) -> bytes:
    """Encodes a clip `[T, H, W, 3]` uint8 as a NumPy array of the same shape. An array has no `fps`.

    `scale` is the factor by which each pixel is enlarged in height and width.
    Raises ValueError if `frames` has another shape or dtype.
    """
    del fps
    check_clip(frames)
    buffer = io.BytesIO()
    np.save(buffer, frames.repeat(scale, axis=1).repeat(scale, axis=2), allow_pickle=False)
    return buffer.getvalue()
