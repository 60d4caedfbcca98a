"""Latents between those of seeds."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from mocogan.components.video_evaluator.sampling import ClipLatents


def between(
    keyframes: ClipLatents, positions: np.ndarray, what: Literal["content", "motion"]
) -> ClipLatents:
    """Latents between keyframes.

    The weights of two keyframes are the cosine and the sine of an angle from 0 to 90 degrees. So mixed latents are
    distributed as drawn ones, N(0, 1). For long vectors this is spherical interpolation.

    Args:
        keyframes: Latents of K seeds.
        positions: [N] from 0 to K. Position 1.5 lies between keyframes 1 and 2, and K is keyframe 0 again.
        what: "content" or "motion". The other one and the class are those of keyframe 0.

    Returns:
        Latents of N clips.
    """
    count = len(keyframes.category)
    before = np.floor(positions).astype(int) % count
    angle = (positions % 1).astype(np.float32) * np.float32(math.pi / 2)

    def mix(part: np.ndarray) -> np.ndarray:
        shape = (-1, *[1] * (part.ndim - 1))
        after = (before + 1) % count
        mixed: np.ndarray = (
            np.cos(angle).reshape(shape) * part[before] + np.sin(angle).reshape(shape) * part[after]
        )
        return mixed

    fixed = ClipLatents(*(part[[0] * len(positions)] for part in keyframes))
    if what == "content":
        return fixed._replace(z_content=mix(keyframes.z_content))
    return fixed._replace(
        motion_noise=mix(keyframes.motion_noise), first_state=mix(keyframes.first_state)
    )
