"""x-t slices: a row of pixels over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.report_gen.clip_images import ClipImages, StillPicture
from mocogan.components.report_gen.sections.clip_tables import Galleries
from mocogan.components.video_evaluator.galleries.names import GENERATED, REAL

_MAX_PAIRS = 6


class Slices(NamedTuple):
    """Slices of generated and of real clips."""

    generated: Sequence[StillPicture]
    real: Sequence[StillPicture]


def slices(galleries: Galleries, images: ClipImages) -> Slices | None:
    """Slices of the first generated and real clips. None: one of the galleries is missing."""
    if GENERATED not in galleries or REAL not in galleries:
        return None
    clips = galleries[GENERATED].clips, galleries[REAL].clips
    number = min(_MAX_PAIRS, len(clips[0]), len(clips[1]), images.rendering.max_clips)
    if not number:
        return None
    rows = [
        [
            images.picture(time_slice(clip), f"Slice of {word} clip {n + 1}")
            for n, clip in enumerate(part[:number])
        ]
        for part, word in zip(clips, ("generated", "real"), strict=True)
    ]
    return Slices(*rows)


def time_slice(clip: np.ndarray) -> np.ndarray:
    """[T, H, W, 3] -> [T, W, 3]: the row of pixels that changes most, over time."""
    if len(clip) == 1:
        return clip[:, clip.shape[1] // 2]
    changes = np.abs(np.diff(clip.astype(np.int16), axis=0)).mean(axis=(0, 2, 3))
    return clip[:, int(changes.argmax())]
