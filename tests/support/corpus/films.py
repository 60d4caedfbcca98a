"""Writers of whole, sound films."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image


def write_film(
    path: Path,
    frames: np.ndarray,
    codec: str = "mpeg4",
    pix_fmt: str = "yuv420p",
    milliseconds: Sequence[int] | None = None,
    container_format: str | None = None,
    options: dict[str, str] | None = None,
    color_space: int | None = None,
    encoder: dict[str, str] | None = None,
) -> Path:
    """Frames [T, H, W, 3] uint8 at 25 a second, or shown at the given times. Same call, same bytes.

    `options` are the container's, `encoder` the codec's.
    """
    reproducible = {"fflags": "+bitexact", **(options or {})}
    with av.open(str(path), "w", format=container_format, options=reproducible) as container:
        stream = container.add_stream(codec, rate=25, options=encoder or {})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], pix_fmt
        stream.codec_context.thread_count = 1  # more threads may give other bytes
        if codec == "mpeg4":
            stream.codec_context.qmin = stream.codec_context.qmax = 1
        if milliseconds is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if color_space is not None:
            stream.codec_context.colorspace = color_space
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if milliseconds is not None:
                frame.pts, frame.time_base = milliseconds[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_waves_apart(path: Path, count: int, codec: str, encoder: dict[str, str]) -> Path:
    """A film of `waves` by an encoder that must not run in this process.

    libx265 crashes beside TensorFlow, and SVT-AV1 leaves threads behind.
    """
    program = (
        "from pathlib import Path; from tests.support.corpus.films import write_film; "
        "from tests.support.corpus.pictures import waves; "
        f"write_film(Path({str(path)!r}), waves({count}), {codec!r}, encoder={encoder!r})"
    )
    folder = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": folder, "SVT_LOG": "0"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    return path


def write_gif(path: Path, frames: np.ndarray, **options: object) -> Path:
    """Frames [T, H, W, 3] uint8, ten a second, each with 256 colors of its own."""
    first, *others = (Image.fromarray(pixels).quantize(256) for pixels in frames)
    settings = {"duration": 100, "loop": 0, **options}
    first.save(path, format="GIF", save_all=True, append_images=others, **settings)
    return path
