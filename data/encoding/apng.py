"""Animated PNGs of clips."""

from __future__ import annotations

import io

import av
import numpy as np

from mocogan.data.encoding.pictures import check_clip, enlarge, exact_rate


def encode_apng(frames: np.ndarray, fps: float | None = None, scale: int = 1) -> bytes:
    """Encodes a clip as an animated PNG without loss. It loops forever.

    FFmpeg keeps frames that equal the one before. Pillow would merge the two.

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        fps: Frames per second of the clip, kept exactly. None: it is not known, and 10 are shown.
        scale: Factor by which each pixel is enlarged in height and width.

    Raises:
        ValueError: `frames` has another shape or dtype.
    """
    check_clip(frames)
    rate = exact_rate(fps)
    _, height, width, _ = frames.shape
    # The muxer derives each delay from the times of two frames, so it has to be told the last one.
    options = {"plays": "0", "final_delay": f"{rate.denominator}/{rate.numerator}"}
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="apng", options=options) as container:
        stream = container.add_stream("apng", rate=rate, width=width * scale, height=height * scale)
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt, stream.codec_context.time_base = "rgb24", 1 / rate
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(enlarge(frame, scale), format="rgb24")
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()
