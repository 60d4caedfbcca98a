"""Motion of a clip, in a few bins: enough to find static clips."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

import numpy as np

from mocogan.components.video_example_gen.outcomes import MOTION_EDGES


def motion_bin(frames: np.ndarray) -> int:
    """[T, H, W, 3] uint8, T >= 2 -> index of the clip's bin; bin i ends below MOTION_EDGES[i].

    Motion is the mean absolute difference of neighboring frames, in gray levels.
    """
    assert (frames.ndim, frames.dtype) == (4, np.uint8), (frames.shape, frames.dtype)
    # One pair at a time, in uint8: larger minus smaller never overflows.
    total = sum(
        int(np.add.reduce(np.maximum(one, two) - np.minimum(one, two), axis=None, dtype=np.uint64))
        for one, two in pairwise(frames)
    )
    return bisect_right(MOTION_EDGES, total / frames[1:].size)
