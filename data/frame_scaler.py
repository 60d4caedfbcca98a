"""From a frame of any size to a square one: geometry and filters."""

from __future__ import annotations

from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from data.colour_space import recolour
from data.decoded_frame import DecodedFrame
from data.rejection import VideoRejected
from data.spec import IngestSpec

# SWS_FULL_CHR_H_INT and SWS_FULL_CHR_H_INP (libswscale/swscale.h). Without them swscale halves the
# horizontal colour resolution even between RGB images: at 64 pixels the colours visibly run.
_FULL_CHROMA = 0x2000 | 0x4000


class Placement(NamedTuple):
    """Which part of a frame is kept and how large it becomes; what is left of the square is black."""

    top: int
    left: int
    height: int
    width: int
    scaled_height: int
    scaled_width: int


def place(height: int, width: int, size: int, resize: str) -> Placement:
    """Where a frame of `height` x `width` goes in a square of `size` pixels.

    `resize` is one of IngestSpec.resize: center_crop, pad or squash.
    """
    if resize == "center_crop":
        side = min(height, width)
        return Placement((height - side) // 2, (width - side) // 2, side, side, size, size)
    if resize == "squash":
        return Placement(0, 0, height, width, size, size)
    shrink = size / max(height, width)
    scaled = (max(1, round(side * shrink)) for side in (height, width))
    return Placement(0, 0, height, width, *scaled)


class FrameScaler:
    """Makes upright square RGB frames; one for each video, since it keeps scaling contexts."""

    def __init__(self, spec: IngestSpec) -> None:
        self._spec = spec
        self._to_rgb = VideoReformatter()
        self._shrink = VideoReformatter()

    def __call__(self, frame: DecodedFrame) -> np.ndarray:
        """[stored_size, stored_size, 3] uint8. Raises VideoRejected on a pixel format without RGB."""
        size = self._spec.stored_size
        pixels = self._rgb(frame.image)
        at = place(pixels.shape[0], pixels.shape[1], size, self._spec.resize)
        kept = pixels[at.top : at.top + at.height, at.left : at.left + at.width]
        if self._spec.resize_filter == "area":
            scaled = recolour(self._average(kept, at), frame.colour_space)
        else:  # stands for tensorflow-io and tf.image.resize, so the file's colour space is ignored
            scaled = resize_bilinear(kept, at.scaled_height, at.scaled_width)
        return np.rot90(_pad(scaled, size), frame.rotation // 90)

    def _rgb(self, image: av.VideoFrame | np.ndarray) -> np.ndarray:
        """[H, W, 3] uint8 in the frame's own size.

        Averaging after this step costs more than scaling straight from YUV, but only so do both
        decoders give the same clip, and colours average as they are seen. BT.601: see recolour.
        """
        if isinstance(image, np.ndarray):
            # Copied, because swscale reads past the end of rows that FFmpeg did not allocate.
            return _view(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"))
        try:
            rgb = self._to_rgb.reformat(
                image,
                format="rgb24",
                src_colorspace=Colorspace.ITU601,
                interpolation=Interpolation.BICUBIC,  # swscale's own default, as tensorflow-io's
                threads=1,
            )
        except av.FFmpegError as error:
            raise VideoRejected(
                "unsupported_codec", f"pixel format {image.format.name}: {error}"
            ) from error
        return _view(rgb)

    def _average(self, pixels: np.ndarray, at: Placement) -> np.ndarray:
        """Each pixel the mean of the source pixels below it; bilinear where that is less than one."""
        frame = av.VideoFrame.from_numpy_buffer(pixels, format="rgb24")
        return self._shrink.reformat(
            frame,
            at.scaled_width,
            at.scaled_height,
            interpolation=Interpolation.AREA | _FULL_CHROMA,
            threads=1,
        ).to_ndarray()


def resize_bilinear(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """[H, W, 3] uint8 -> [height, width, 3] uint8: `tf.image.resize` rounded to nearest.

    Its default: bilinear between the four pixels around, half-pixel centres, no antialiasing.
    """
    top, bottom, down = _neighbours(pixels.shape[0], height)
    left, right, across = _neighbours(pixels.shape[1], width)
    rows = pixels[np.stack([top, bottom])].astype(np.float32)
    mixed = rows[:, :, left] + (rows[:, :, right] - rows[:, :, left]) * across[:, None]
    return np.rint(mixed[0] + (mixed[1] - mixed[0]) * down[:, None, None]).astype(np.uint8)


def _neighbours(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `target` pixels the two source pixels beside its centre and the way between."""
    centre = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * np.float32(
        source / target
    ) - np.float32(0.5)
    before = np.floor(centre)
    first = np.clip(before, 0, source - 1).astype(np.intp)
    second = np.clip(before + 1, 0, source - 1).astype(np.intp)
    return first, second, centre - before


def _view(rgb: av.VideoFrame) -> np.ndarray:
    """[H, W, 3] uint8 on the memory of an rgb24 frame."""
    plane = rgb.planes[0]
    return np.ndarray(
        (rgb.height, rgb.width, 3),
        np.uint8,
        buffer=memoryview(plane),
        strides=(plane.line_size, 3, 1),
    )


def _pad(pixels: np.ndarray, size: int) -> np.ndarray:
    height, width, _ = pixels.shape
    if height == width == size:
        return pixels
    square = np.zeros((size, size, 3), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square
