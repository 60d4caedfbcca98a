"""What the encoders share: the check of a clip, larger pixels, and the times of frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from mocogan.data.encoding.formats import UNKNOWN_RATE

_LARGEST_DENOMINATOR = 1001  # of NTSC rates such as 30000/1001


def check_clip(frames: np.ndarray) -> None:
    """Raises ValueError unless `frames` is a clip [T, H, W, 3] uint8."""
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames must be [T, H, W, 3] uint8, got {frames.shape} {frames.dtype}")


def enlarge(frame: np.ndarray, scale: int) -> np.ndarray:
    """[H, W, ...] -> [H * scale, W * scale, ...]. Each pixel becomes a square."""
    return frame.repeat(scale, axis=0).repeat(scale, axis=1)


def frame_times(num_frames: int, fps: float, ticks_per_second: int) -> np.ndarray:
    """The start of each frame and the end of the last one in whole ticks, int64 [T + 1].

    The durations of frames alternate to keep the rate.
    """
    times = np.rint(np.arange(num_frames + 1) / fps * ticks_per_second)
    return times.astype(np.int64)


def exact_rate(fps: float | None) -> Fraction:
    """The frame rate as a fraction, such as 30000/1001. None: UNKNOWN_RATE."""
    return Fraction(fps or UNKNOWN_RATE).limit_denominator(_LARGEST_DENOMINATOR)
