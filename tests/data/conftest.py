from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest


def _write_video(
    path: Path,
    frames: np.ndarray,
    codec: str = "mpeg4",
    pix_fmt: str = "yuv420p",
    milliseconds: Sequence[int] | None = None,
    container_format: str | None = None,
    options: dict[str, str] | None = None,
    colour_space: int | None = None,
) -> Path:
    """Frames [T, H, W, 3] uint8 at 25 a second, or shown at the given times."""
    with av.open(str(path), "w", format=container_format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], pix_fmt
        if codec == "mpeg4":
            stream.codec_context.qmin = stream.codec_context.qmax = 1
        if milliseconds is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if colour_space is not None:
            stream.codec_context.colorspace = colour_space
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if milliseconds is not None:
                frame.pts, frame.time_base = milliseconds[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def write_video() -> Callable[..., Path]:
    """Writes real video files with PyAV."""
    return _write_video


@pytest.fixture
def gray_frames() -> Callable[..., np.ndarray]:
    """Even gray frames [T, H, W, 3] whose level tells their number."""

    def make(count: int, height: int = 16, width: int = 16, step: int = 10) -> np.ndarray:
        levels = 20 + step * np.arange(count, dtype=np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()

    return make


@pytest.fixture
def smooth_frames() -> Callable[..., np.ndarray]:
    """Coloured frames [T, H, W, 3] of soft moving waves."""

    def make(count: int, height: int, width: int) -> np.ndarray:
        down, across = np.mgrid[:height, :width] / 20.0
        waves = [
            np.stack([np.sin(across + t / 3), np.cos(down - t / 4), np.sin(across * down + t)], -1)
            for t in range(count)
        ]
        return (128 + 90 * np.stack(waves)).astype(np.uint8)

    return make


@pytest.fixture
def shared_clips() -> list[Path]:
    """Real films lying beside the checkout, if they do."""
    folder = Path(__file__).parents[2].parent / "shared" / "datasets" / "clips"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return sorted(folder.iterdir())
