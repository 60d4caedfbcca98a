"""MP4 files of clips, which every player and browser shows."""

from __future__ import annotations

import os
import tempfile

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from mocogan.data.encoding.pictures import check_clip, enlarge, exact_rate

# crf 18: the loss is hardly visible. One thread: the bytes do not depend on the number of processors.
# No B-frames, so the first frame is at time 0 in every player.
_X264_OPTIONS = {"crf": "18", "preset": "medium", "threads": "1", "x264-params": "bframes=0"}


def encode_mp4(frames: np.ndarray, fps: float | None = None, scale: int = 4) -> bytes:
    """Encodes a clip as H.264 in an MP4 file, with a constant frame rate and without sound.

    Colors have half the resolution (yuv420p), because many players show nothing else. Enlarged pixels keep their
    colors, so `scale` should be 2 or more. Odd sides become even: the last row or column is repeated.

    Args:
        frames: Clip `[T, H, W, 3]` uint8 in [0, 255].
        fps: Frames per second of the clip. None: it is not known, and 10 are shown.
        scale: Factor by which each pixel is enlarged in height and width.

    Raises:
        ValueError: `frames` has another shape or dtype.
    """
    check_clip(frames)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "clip.mp4")
        _write(path, frames, fps, scale)  # FFmpeg cannot put the index first in a buffer
        with open(path, "rb") as file:
            return file.read()


def _write(path: str, frames: np.ndarray, fps: float | None, scale: int) -> None:
    rate = exact_rate(fps)
    height, width = (side * scale + side * scale % 2 for side in frames.shape[1:3])
    with av.open(path, "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options=_X264_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for number, frame in enumerate(frames):
            picture = _yuv(enlarge(frame, scale), height, width)
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _yuv(frame: np.ndarray, height: int, width: int) -> av.VideoFrame:
    """Converts a frame [H, W, 3] as its tags say. Without them players guess the colors from the size."""
    padding = ((0, height - frame.shape[0]), (0, width - frame.shape[1]), (0, 0))
    picture = av.VideoFrame.from_ndarray(np.pad(frame, padding, mode="edge"), format="rgb24")
    return picture.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        dst_color_primaries=ColorPrimaries.BT709,
        dst_color_trc=ColorTrc.BT709,
        threads=1,  # on several threads, libswscale sometimes writes a wrong row
    )
