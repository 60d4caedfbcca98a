"""Scales frames of any size and pixel format to upright square RGB frames.

YUV frames are cropped, averaged and then converted to RGB at the final size, in one libavfilter chain as ffmpeg does.
All other frames are converted to RGB at their original size and then scaled: RGB, gray and transparent ones, those of
tensorflow-io, and all frames with `resize_filter=bilinear`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.color_space import (
    BT601,
    MATRIX_NAMES,
    expand_limited,
    has_alpha,
    is_limited_gray,
    is_opaque_yuv,
    on_black,
    yuv_matrix,
)
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.hdr import is_hdr, to_sdr
from mocogan.data.decoding.orientation import AS_STORED
from mocogan.data.decoding.pyav.frame_filter import FrameFilter
from mocogan.data.rejection import VideoRejected

# For these formats and an even height, swscale converts with a table and does not interpolate colors.
# This holds for packed and for planar RGB.
_UNSHIFTED = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p")

_SIMD_WIDTH = 16  # pixels that FFmpeg converts to gbrp at once
_UINT8 = np.dtype(np.uint8)
_GRAY_FORMATS = {_UINT8: "gray", np.dtype(np.uint16): "gray16le"}
# Colors at half width would be ffmpeg's default.
_AREA = "area+full_chroma_int"


class Placement(NamedTuple):
    """The part of a frame that is kept, and its size after scaling. The rest of the square is black."""

    top: int
    left: int
    height: int
    width: int
    scaled_height: int
    scaled_width: int


def place(height: int, width: int, size: int, resize: str, pixel_aspect: float = 1.0) -> Placement:
    """Computes how a frame of `height` x `width` pixels fits into a square of `size` pixels.

    `resize` is center_crop, pad or squash, as in IngestConfig.resize. The frame is shown `pixel_aspect`
    times as wide as its pixels count.
    """
    if resize == "squash":
        return Placement(0, 0, height, width, size, size)
    shown_width = width * pixel_aspect
    if resize == "center_crop":
        side = min(height, shown_width)
        kept_height, kept_width = max(1, round(side)), max(1, round(side / pixel_aspect))
        top, left = (height - kept_height) // 2, (width - kept_width) // 2
        return Placement(top, left, kept_height, kept_width, size, size)
    shrink = size / max(height, shown_width)
    scaled = (max(1, round(side * shrink)) for side in (height, shown_width))
    return Placement(0, 0, height, width, *scaled)


class FrameScaler:
    """Makes upright square RGB frames. It keeps scaling contexts, so each video needs its own scaler."""

    def __init__(self, config: IngestConfig) -> None:
        self._config = config
        self._at: Placement | None = None  # of the filters below
        self._one_pass: FrameFilter | None = None
        self._unsited: FrameFilter | None = None
        self._to_rgb = VideoReformatter()
        self._to_rgba = VideoReformatter()
        self._from_packed = VideoReformatter()
        self._shrink = VideoReformatter()

    def __call__(self, frame: DecodedFrame) -> np.ndarray:
        """Returns the frame as [stored_size, stored_size, 3] uint8.

        Raises VideoRejected if FFmpeg cannot convert the pixel format to RGB.
        """
        size = self._config.stored_size
        height, width = _height_and_width(frame.image)
        at = place(height, width, size, self._config.resize, frame.pixel_aspect)
        if at != self._at:
            self._at, self._one_pass = at, None
        if isinstance(frame.image, av.VideoFrame) and is_hdr(frame.image):
            scaled = to_sdr(self._scale_deep(frame.image, at), frame.image)
        elif self._config.resize_filter == "area" and is_opaque_yuv(frame.image):
            scaled = self._average_yuv(frame.image, at)
        else:
            scaled = self._scale(frame.image, at)
        square = _pad(scaled, size)
        return square if frame.orientation == AS_STORED else frame.orientation.upright(square)

    def _average_yuv(self, image: av.VideoFrame, at: Placement) -> np.ndarray:
        """Averages the planes of the part that `at` keeps, then converts them -> [H, W, 3] uint8.

        The part begins at an even pixel, where a color sample begins.
        """
        if self._one_pass is None or not self._one_pass.takes(image):
            color = f"in_color_matrix={MATRIX_NAMES[yuv_matrix(image)]}"
            try:
                self._one_pass = FrameFilter(
                    image,
                    ("crop", f"{at.width}:{at.height}:{at.left & ~1}:{at.top & ~1}:exact=1"),
                    ("scale", f"{at.scaled_width}:{at.scaled_height}:flags={_AREA}:{color}"),
                    ("format", "rgb24"),
                )
            except av.FFmpegError as error:
                raise _not_rgb(image, error) from error
        self._one_pass.push(image)
        scaled = next(self._one_pass.ready())
        rows = np.frombuffer(memoryview(scaled.planes[0]), np.uint8).reshape(at.scaled_height, -1)
        return rows[:, : 3 * at.scaled_width].reshape(at.scaled_height, at.scaled_width, 3)

    def _scale(self, image: av.VideoFrame | np.ndarray, at: Placement) -> np.ndarray:
        """Scales the part that `at` keeps to [scaled_height, scaled_width, 3] uint8, with either filter."""
        part = np.s_[at.top : at.top + at.height, at.left : at.left + at.width]
        return self._resized([plane[part] for plane in _views(self._planes(image))], at)

    def _scale_deep(self, image: av.VideoFrame, at: Placement) -> np.ndarray:
        """Scales HDR like _scale, to uint16. Dark levels need more than 8 bits until they are tone-mapped."""
        rgb = self._convert(self._to_rgb, self._without_chroma_siting(image), "rgb48le")
        part = np.s_[at.top : at.top + at.height, at.left : at.left + at.width]
        return self._resized(list(rgb.to_ndarray()[part].transpose(2, 0, 1)), at)

    def _resized(self, planes: Sequence[np.ndarray], at: Placement) -> np.ndarray:
        if self._config.resize_filter == "area":
            return self._average(planes, at)
        return resize_bilinear(_packed(planes), at.scaled_height, at.scaled_width)

    def _planes(self, image: av.VideoFrame | np.ndarray) -> av.VideoFrame:
        """Converts the image to gbrp (planar RGB) in its original size.

        Planes are used because swscale averages packed RGB via YUV, with less precision and several
        times slower.
        """
        if isinstance(image, np.ndarray):
            packed = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            return self._from_packed.reformat(packed, format="gbrp", threads=1)
        image = self._without_chroma_siting(image)
        if has_alpha(image):
            pixels = self._convert(self._to_rgba, image, "rgba").to_ndarray()
            if pixels[..., 3].min() < 255:
                return self._planes(on_black(pixels))
        # With other pixel formats FFmpeg interpolates the colors when it converts to gbrp. With other
        # widths it omits the last columns.
        if _is_unshifted(image) and image.width % _SIMD_WIDTH == 0:
            return self._convert(self._to_rgb, image, "gbrp")
        packed = self._convert(self._to_rgb, image, "rgb24")
        if is_limited_gray(image):
            return self._planes(expand_limited(packed.to_ndarray()))
        return self._from_packed.reformat(packed, format="gbrp", threads=1)

    def _without_chroma_siting(self, image: av.VideoFrame) -> av.VideoFrame:
        """Removes the chroma location, the position of color samples between the pixels, from the frame.

        Newer FFmpeg versions use it to shift colors by a quarter of their distance. They do not shift
        _UNSHIFTED formats, and FFmpeg 4 in tensorflow-io never shifts.
        """
        if _is_unshifted(image):
            return image
        if self._unsited is None or not self._unsited.takes(image):
            self._unsited = FrameFilter(image, ("setparams", "chroma_location=unspecified"))
        self._unsited.push(image)
        return next(self._unsited.ready())

    def _convert(
        self, reformatter: VideoReformatter, image: av.VideoFrame, pixel_format: str
    ) -> av.VideoFrame:
        # Bilinear reproduces tensorflow-io with tf.image.resize, which supports only BT.601.
        by_bt601 = self._config.resize_filter == "bilinear" and not is_hdr(image)
        try:
            return reformatter.reformat(
                image,
                format=pixel_format,
                src_colorspace=BT601 if by_bt601 else yuv_matrix(image),
                interpolation=Interpolation.BICUBIC,  # the default of swscale and tensorflow-io
                threads=1,
            )
        except av.FFmpegError as error:
            raise _not_rgb(image, error) from error

    def _average(self, planes: Sequence[np.ndarray], at: Placement) -> np.ndarray:
        """Averages the source pixels of each pixel. Enlarged frames are interpolated bilinearly."""
        pixel_format = _GRAY_FORMATS[planes[0].dtype]
        scaled = np.empty((at.scaled_height, at.scaled_width, len(planes)), planes[0].dtype)
        for channel, plane in enumerate(planes):
            frame = self._shrink.reformat(
                _gray_frame(plane, pixel_format),
                at.scaled_width,
                at.scaled_height,
                interpolation=Interpolation.AREA,
                threads=1,
            )
            scaled[..., channel] = _view(frame, frame.planes[0], plane.dtype)
        return scaled


def resize_bilinear(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """[H, W, 3] integers -> [height, width, 3] integers, like `tf.image.resize` rounded to nearest.

    As in its defaults, the filter is bilinear with half-pixel centers and without antialiasing.
    """
    top, bottom, down = _neighbors(pixels.shape[0], height)
    left, right, across = _neighbors(pixels.shape[1], width)
    rows = pixels[np.stack([top, bottom])].astype(np.float32)
    mixed = rows[:, :, left] + (rows[:, :, right] - rows[:, :, left]) * across[:, None]
    return np.rint(mixed[0] + (mixed[1] - mixed[0]) * down[:, None, None]).astype(pixels.dtype)


def _neighbors(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `target` pixels: the two source pixels around its center, and the weight of the second."""
    center = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * np.float32(
        source / target
    ) - np.float32(0.5)
    before = np.floor(center)
    first = np.clip(before, 0, source - 1).astype(np.intp)
    second = np.clip(before + 1, 0, source - 1).astype(np.intp)
    return first, second, center - before


def _is_unshifted(image: av.VideoFrame) -> bool:
    return image.format.name in _UNSHIFTED and image.height % 2 == 0


def _height_and_width(image: av.VideoFrame | np.ndarray) -> tuple[int, int]:
    if isinstance(image, np.ndarray):
        return image.shape[0], image.shape[1]
    return image.height, image.width


def _not_rgb(image: av.VideoFrame, error: av.FFmpegError) -> VideoRejected:
    return VideoRejected(
        "unsupported_codec",
        f"pixel format {image.format.name} cannot be converted to RGB: {error}",
    )


def _views(rgb: av.VideoFrame) -> list[np.ndarray]:
    """Red, green and blue planes [H, W] uint8 of a frame that stores green, blue and red."""
    green, blue, red = rgb.planes
    return [_view(rgb, plane) for plane in (red, green, blue)]


def _packed(planes: Sequence[np.ndarray]) -> np.ndarray:
    """Three planes [H, W] -> [H, W, 3]. For small planes np.stack is several times slower."""
    packed = np.empty((*planes[0].shape, len(planes)), planes[0].dtype)
    for channel, plane in enumerate(planes):
        packed[..., channel] = plane
    return packed


def _gray_frame(plane: np.ndarray, pixel_format: str) -> av.VideoFrame:
    """Wraps 8 bits without a copy."""
    if pixel_format == "gray":
        return av.VideoFrame.from_numpy_buffer(plane, format=pixel_format)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(plane), format=pixel_format)


def _view(frame: av.VideoFrame, plane: VideoPlane, dtype: np.dtype = _UINT8) -> np.ndarray:
    return np.ndarray(
        (frame.height, frame.width),
        dtype,
        buffer=memoryview(plane),
        strides=(plane.line_size, dtype.itemsize),
    )


def _pad(pixels: np.ndarray, size: int) -> np.ndarray:
    height, width, _ = pixels.shape
    if height == width == size:
        return pixels
    square = np.zeros((size, size, 3), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square
