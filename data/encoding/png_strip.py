"""Film strips of clips: one PNG with all frames side by side."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from mocogan.data.encoding.pictures import check_clip, enlarge


def encode_png_strip(frames: np.ndarray, fps: float | None = None, scale: int = 1) -> bytes:
    """Encodes a clip `[T, H, W, 3]` uint8 as a PNG of `[H, T * W]` without loss. A strip has no `fps`.

    `scale` is the factor by which each pixel is enlarged in height and width.
    Raises ValueError if `frames` has another shape or dtype.
    """
    del fps
    check_clip(frames)
    strip = enlarge(np.concatenate(list(frames), axis=1), scale)
    buffer = io.BytesIO()
    Image.fromarray(strip).save(buffer, "PNG")
    return buffer.getvalue()
