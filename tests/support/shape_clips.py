"""Clips of moving shapes, as the real clips of small evaluations."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames


def shape_clips(seeds: Iterable[int], num_frames: int = 8, size: int = 32) -> np.ndarray:
    """One clip of each seed, in both directions in turn: [N, num_frames, size, size, 3] uint8."""
    return np.stack(
        [
            shape_motion_frames(seed, DIRECTIONS[seed % len(DIRECTIONS)], num_frames, size)
            for seed in seeds
        ]
    )
