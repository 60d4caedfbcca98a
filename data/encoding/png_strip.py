"""Film strips of clips: a PNG with the frames of a clip side by side, and one clip per row."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from mocogan.data.encoding.pictures import check_clip, enlarge

_SHAPE_KEY = "clip_shape"  # of the PNG's text: T, H and W in pixels


class NotStrips(ValueError):
    """A file does not hold the strips of `encode_png_strips`."""


def encode_png_strip(frames: np.ndarray, fps: float | None = None, scale: int = 1) -> bytes:
    """Encodes a clip `[T, H, W, 3]` uint8 as a PNG of `[H, T * W]` without loss. A strip has no `fps`.

    `scale` is the factor by which each pixel is enlarged in height and width.
    Raises ValueError if `frames` has another shape or dtype.
    """
    del fps
    check_clip(frames)
    num_frames, height, width, _ = frames.shape
    shape = num_frames, height * scale, width * scale
    return _encode(enlarge(_strip(frames), scale), shape)


def encode_png_strips(clips: np.ndarray) -> bytes:
    """Encodes clips `[N, T, H, W, 3]` uint8 as a PNG of `[N * H, T * W]` without loss. Clip n is row n.

    Raises ValueError if `clips` has another shape or dtype, or is empty.
    """
    if clips.ndim != 5 or not len(clips):
        raise ValueError(f"clips must be [N, T, H, W, 3] uint8 with N > 0, got {clips.shape}")
    check_clip(clips[0])
    return _encode(np.concatenate([_strip(clip) for clip in clips]), clips.shape[1:4])


def decode_png_strips(content: bytes) -> np.ndarray:
    """Decodes what `encode_png_strips` returned -> `[N, T, H, W, 3]` uint8. Raises NotStrips for any other file."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            text = image.text[_SHAPE_KEY] if isinstance(image, PngImageFile) else ""
            pixels = np.asarray(image.convert("RGB"))
        num_frames, height, width = map(int, text.split("x"))
        rows = pixels.reshape(-1, height, num_frames, width, 3)
    except (OSError, KeyError, ValueError) as error:
        raise NotStrips(f"this file does not hold film strips of clips: {error}") from error
    return rows.transpose(0, 2, 1, 3, 4)


def _strip(frames: np.ndarray) -> np.ndarray:
    """[T, H, W, 3] -> [H, T * W, 3]."""
    return np.concatenate(list(frames), axis=1)


def _encode(picture: np.ndarray, clip_shape: tuple[int, ...]) -> bytes:
    """`clip_shape` is T, H, W in pixels of the picture."""
    info = PngInfo()
    info.add_text(_SHAPE_KEY, "x".join(map(str, clip_shape)))
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()
