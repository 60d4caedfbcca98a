"""Computes a feature clip by clip, on all cores. Memory does not grow with the number of clips."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def per_clip(
    function: Callable[[np.ndarray], np.ndarray | np.floating], clips: np.ndarray
) -> np.ndarray:
    """Apply `function` to each clip [T, H, W, 3] and stack the results: [N, T, H, W, 3] uint8 -> [N, ...].

    The result does not depend on the number of cores.
    """
    assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:  # numpy releases the lock
        return np.stack(list(pool.map(function, clips)))
