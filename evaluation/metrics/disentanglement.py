"""Disentanglement: whether one seed decides what is shown and the other one how it moves. For any data.

Clips come in triples: one clip, a clip of the same content seed with another motion seed, and a clip of the same motion
seed with another content seed. Content is kept if another motion seed changes it less than another content seed does:

    content_kept = (C - M) / max(C, M)

M is the mean content distance of two clips that differ in the motion seed only. C is that of two clips that differ in
the content seed only. `motion_kept` is the same for motion distances, with C and M exchanged.

- The value is 1 if the property does not change, and 0 if both seeds change it as much. So it is about 0 for unrelated
  clips. It is negative if the wrong seed decides: -1 if the right one has no effect.
- It is no evidence for kept content if the motion seed changes nothing. Then `motion_kept` is -1 and the score 0.
- Pairs across triples are not used, because another class alone would set them apart.
- A class or a caption can say a thing or a motion. So M compares clips of the same class and caption, because another
  one can be another thing. The distance of two motions compares any clips, because one class can have one motion only.

For clips with one shape on a plain background, `evaluation.shapes.disentanglement` measures color, size, form and path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mocogan.evaluation.features.color import color_histogram
from mocogan.evaluation.features.per_clip import per_clip

FrameVectors = Callable[[np.ndarray], np.ndarray]  # [N, T, H, W, 3] uint8 -> [N, T, D] unit vectors


class Disentanglement(NamedTuple):
    """What each seed decides."""

    content_kept: float  # under another motion seed, in [-1, 1]
    motion_kept: float  # under another content seed, in [-1, 1]
    score: float  # the smaller one, at least 0: in [0, 1]


def disentanglement(
    clips: np.ndarray,
    other_motion: np.ndarray,
    other_content: np.ndarray,
    other_motion_and_class: np.ndarray,
    embedding: FrameVectors,
) -> Disentanglement:
    """Measure disentanglement on N clips, each with three variations.

    Args:
        clips: Generated clips, [N, T, H, W, 3] uint8, T >= 2.
        other_motion: Clips of the same content seeds and classes with other motion seeds, of the same shape.
        other_content: Clips of the same motion seeds and classes with other content seeds, of the same shape.
        other_motion_and_class: Like `other_motion`, but of any class. Without classes it is `other_motion`.
        embedding: A frame embedding that was trained on real clips, such as `FrameEmbedding`.

    Returns:
        What is kept. A property that neither seed changes counts as 0.
    """
    assert clips.shape == other_motion.shape == other_content.shape == other_motion_and_class.shape
    content, motion = _content(clips, embedding), _motion(clips)
    content_kept = _kept(
        changed=_content_distance(content, _content(other_content, embedding)),
        kept=_content_distance(content, _content(other_motion, embedding)),
    )
    motion_kept = _kept(
        changed=_motion_distance(motion, _motion(other_motion_and_class)),
        kept=_motion_distance(motion, _motion(other_content)),
    )
    return Disentanglement(content_kept, motion_kept, max(0.0, min(content_kept, motion_kept)))


def _kept(changed: float, kept: float) -> float:
    """Compare the mean distance if the property should change with that if it should be kept."""
    larger = max(changed, kept)
    return (changed - kept) / larger if larger else 0.0


def _content(clips: np.ndarray, embedding: FrameVectors) -> np.ndarray:
    """Describe what is shown, wherever it is: [N, T, H, W, 3] uint8 -> [N, D + 64].

    Both parts are at most one unit long, so each counts as much as it varies.
    """
    return np.concatenate([embedding(clips).mean(axis=1), color_histogram(clips)], axis=1)


def _content_distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.linalg.norm(first - second, axis=1).mean(dtype=np.float64))


def _motion(clips: np.ndarray) -> np.ndarray:
    """Describe how clips move: [N, T, H, W, 3] uint8 -> [N, T - 1, 3].

    - Path: where the change from each frame to the next one is (down, right), relative to the mean place of the clip.
      The unit is the side of the frame. So it does not matter where a thing moves, but in which way.
    - Rhythm: the share of each step in the clip's change. So contrast and size of a thing do not matter.
    """
    return per_clip(_path_and_rhythm, clips)


def _path_and_rhythm(clip: np.ndarray) -> np.ndarray:
    # Squares, so that weak flicker of a large background does not hide a small thing that moves.
    change = np.square(np.diff(clip.astype(np.float32), axis=0)).sum(axis=-1, dtype=np.float64)
    steps = change.sum(axis=(1, 2))
    moving = steps > 0
    if not moving.any():
        return np.zeros((len(steps), 3))
    down, right = (np.arange(length) / length for length in change.shape[1:])
    sums = np.stack([change.sum(axis=2) @ down, change.sum(axis=1) @ right], axis=1)
    path = np.zeros_like(sums)  # a step without change has the mean place
    path[moving] = sums[moving] / steps[moving, None]
    path[moving] -= path[moving].mean(axis=0)
    rhythm = np.sqrt(steps) / np.sqrt(steps).sum()
    return np.concatenate([path, rhythm[:, None]], axis=1)


def _motion_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Mean distance of the paths, plus the share of the change that is in other steps."""
    gaps = first - second
    path = np.linalg.norm(gaps[..., :2], axis=-1).mean(axis=1)
    rhythm = np.abs(gaps[..., 2]).sum(axis=1) / 2
    return float((path + rhythm).mean())
