"""A decoded frame before scaling."""

from __future__ import annotations

from typing import NamedTuple

import av
import numpy as np

from mocogan.data.decoding.orientation import AS_STORED, Orientation


class DecodedFrame(NamedTuple):
    """One frame in the original size of the video."""

    image: av.VideoFrame | np.ndarray  # an array is [H, W, 3] uint8 RGB
    seconds: float  # presentation time, 0 for the first frame of the video
    duration: float | None = None  # seconds until the next frame, None if the file does not tell
    recording: int = 0  # number of the recording within a joined file
    pixel_aspect: float = 1.0  # width of a stored pixel in units of its height, as it is stored
    orientation: Orientation = AS_STORED
