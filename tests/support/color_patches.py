"""Pictures of eight known colors in any pixel format, worked out without FFmpeg's conversions."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

BT709, UNSPECIFIED, BT2020 = 1, 2, 9  # AVColorSpace
LIMITED, FULL = 1, 2  # AVColorRange
# Primaries are where a wrong matrix shows most.
COLORS = np.array(
    [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 0],
        [128, 128, 128],
        [255, 255, 255],
        [0, 0, 0],
        [30, 100, 200],
    ],
    np.float64,
)
_LUMA_WEIGHTS = {UNSPECIFIED: (0.299, 0.114), BT709: (0.2126, 0.0722), BT2020: (0.2627, 0.0593)}
_RGB_ORDERS = {"rgb24": "RGB", "bgr0": "BGRA", "rgba": "RGBA", "bgra": "BGRA", "argb": "ARGB"}


def luma(color_space: int) -> np.ndarray:
    """[8] luma of COLORS from 0 to 255."""
    red, blue = _LUMA_WEIGHTS[color_space]
    return COLORS @ [red, 1 - red - blue, blue]


def patches(
    pix_fmt: str,
    color_space: int = UNSPECIFIED,
    color_range: int = LIMITED,
    alpha: int = 255,
    height: int = 32,
    width: int = 64,
) -> av.VideoFrame:
    """Four colors above four."""
    frame = av.VideoFrame(width, height, pix_fmt)
    bits = frame.format.components[0].bits
    if frame.format.is_rgb:
        values = dict(zip("RGB", np.rint(COLORS.T / 255 * (2**bits - 1)), strict=True))
    else:
        values = _yuv(color_space, color_range, bits)
    values["A"] = np.full(8, alpha * (2**bits - 1) // 255)
    for plane, channels in zip(frame.planes, _planes(pix_fmt, len(frame.planes)), strict=True):
        shift = 6 if pix_fmt == "p010le" else 0
        spread = [_spread(values[name], height, width) << shift for name in channels]
        step_down, step_across = -(-height // plane.height), -(-width // plane.width)
        rows = np.stack(spread, -1)[::step_down, ::step_across].reshape(plane.height, -1)
        _fill(plane, rows.astype(np.uint8 if bits == 8 else np.uint16))
    frame.colorspace, frame.color_range = color_space, color_range
    return frame


def _planes(pix_fmt: str, count: int) -> list[str]:
    """The channels of each plane."""
    if pix_fmt in _RGB_ORDERS:
        return [_RGB_ORDERS[pix_fmt]]
    if pix_fmt in ("nv12", "p010le"):
        return ["Y", "UV"]
    return list("GBRA" if pix_fmt.startswith("gbr") else "YUVA")[:count]


def _yuv(color_space: int, color_range: int, bits: int) -> dict[str, np.ndarray]:
    """Values of COLORS by ITU-T H.273, 8.3."""
    red, blue = _LUMA_WEIGHTS[color_space]
    gray = luma(color_space) / 255
    u = (COLORS[:, 2] / 255 - gray) / (2 * (1 - blue))
    v = (COLORS[:, 0] / 255 - gray) / (2 * (1 - red))
    scale, top = 2 ** (bits - 8), 2**bits - 1
    if color_range == FULL:
        y, u, v = gray * top, u * top + 128 * scale, v * top + 128 * scale
    else:
        y, u, v = (16 + 219 * gray) * scale, (128 + 224 * u) * scale, (128 + 224 * v) * scale
    return {name: np.rint(x).clip(0, top) for name, x in zip("YUV", (y, u, v), strict=True)}


def _spread(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """[8] -> [height, width]."""
    rows, columns = np.arange(height) * 2 // height, np.arange(width) * 4 // width
    return values.astype(int).reshape(2, 4)[rows][:, columns]


def _fill(plane: av.video.plane.VideoPlane, rows: np.ndarray) -> None:
    padded = np.zeros((plane.height, plane.line_size), np.uint8)
    row_bytes = np.ascontiguousarray(rows).view(np.uint8)
    padded[:, : row_bytes.shape[1]] = row_bytes
    plane.update(padded.tobytes())


def centers(picture: np.ndarray) -> np.ndarray:
    """[S, S, 3] -> [8, 3] int: the middle of each patch."""
    size = picture.shape[0]
    down = [size // 4, size * 3 // 4]
    across = [size * (2 * column + 1) // 8 for column in range(4)]
    return picture[down][:, across].reshape(8, 3).astype(int)


def write_patches(
    path: Path, codec: str, frames: list[av.VideoFrame], encoder: dict[str, str] | None = None
) -> Path:
    """A film of frames that are alike in size and format."""
    first = frames[0]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=encoder or {})
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, first.format.name
        stream.codec_context.colorspace = first.colorspace
        stream.codec_context.color_range = first.color_range
        for number, frame in enumerate(frames):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
