"""A clip in memory. The module does not use TensorFlow, so that decoder processes need not load it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Clip:
    """One clip cut from a video."""

    frames: np.ndarray  # [T, H, W, 3] uint8
    index: int  # 0-based position in its video
    start_seconds: float  # presentation time of the first frame
    fps: float | None = None  # frames per second of the clip, None if the video has no frame rate
