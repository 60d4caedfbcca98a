"""The motion of a clip, as one of a few bins."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from mocogan.components.video_example_gen.outcomes import MOTION_EDGES
from mocogan.evaluation.motion import frame_differences


def motion_bin(frames: np.ndarray) -> int:
    """[T, H, W, 3] uint8, T >= 2 -> index of the clip's motion bin. Bin i ends below MOTION_EDGES[i].

    Motion is the mean absolute difference of neighboring frames, in gray levels.
    """
    return bisect_right(MOTION_EDGES, float(frame_differences(frames[np.newaxis]).mean()))
