"""How much of content or motion stays when only the other is drawn anew, by shapes detected in the clips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.evaluation.shapes.detector import DetectedShapes


class Disentanglement(NamedTuple):
    """1: what is shared stays the same. 0: it differs as much as where it is not shared.

    None where no triple of clips can be measured.
    """

    content_disentanglement: float | None  # of the mean color
    size_disentanglement: float | None  # of the median area
    fill_disentanglement: float | None  # of the median fill, which separates squares from discs
    motion_disentanglement: float | None  # of the path
    disentanglement_triples: int  # measured


def disentanglement(
    clips: DetectedShapes, other_motion: DetectedShapes, other_content: DetectedShapes
) -> Disentanglement:
    """Compares clip n of `clips` with clip n of the others.

    Each value is 1 - d / D. d is the mean distance between clips that share the content (for
    `motion_disentanglement`: the motion). D is the mean distance between those of the same triples that do not.
    Distances: L2 of the mean colors (0-255), differences of median area and of median fill, mean L2 of the centers over
    the frames in which both show a shape.

    A triple counts when at least half of the frames of each of its clips show a shape.

    Args:
        clips: Shapes of N clips.
        other_motion: Of N clips with the same content and another motion.
        other_content: Of N clips with the same motion and another content.
    """
    triple = [clips, other_motion, other_content]
    enough = [shapes.detected.mean(axis=1) >= 0.5 for shapes in triple]
    paths = [_path_distance(clips, other) for other in (other_content, other_motion)]
    usable = np.all([*enough, *np.isfinite(paths)], axis=0)
    if not usable.any():
        return Disentanglement(None, None, None, None, 0)
    first, same_content, new_content = (
        _contents(DetectedShapes(*(values[usable] for values in shapes))) for shapes in triple
    )
    color, size, fill = (
        _one_minus_ratio(np.linalg.norm(a - b, axis=1), np.linalg.norm(a - c, axis=1))
        for a, b, c in zip(first, same_content, new_content, strict=True)
    )
    motion = _one_minus_ratio(*(path[usable] for path in paths))
    return Disentanglement(color, size, fill, motion, disentanglement_triples=int(usable.sum()))


def _one_minus_ratio(same: np.ndarray, different: np.ndarray) -> float | None:
    """None when clips that share nothing do not differ either."""
    return 1 - float(same.mean() / different.mean()) if different.any() else None


def _contents(shapes: DetectedShapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each clip's mean color [N, 3], median area [N, 1] and median fill [N, 1]."""
    seen = np.where(shapes.detected, 1.0, np.nan)
    return (
        np.nanmean(shapes.color * seen[..., None], axis=1),
        np.nanmedian(shapes.area * seen, axis=1)[:, None],
        np.nanmedian(shapes.fill * seen, axis=1)[:, None],
    )


def _path_distance(one: DetectedShapes, other: DetectedShapes) -> np.ndarray:
    """[N] mean distance of the centers in pixels, over frames in which both are seen; NaN where there is none."""
    both = one.detected & other.detected
    distances = np.linalg.norm(one.center - other.center, axis=-1) * both
    sums = np.where(both.any(axis=1), distances.sum(axis=1), np.nan)
    return sums / np.maximum(both.sum(axis=1), 1)
