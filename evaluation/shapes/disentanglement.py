"""Disentanglement: how well content (or motion) stays the same if only the other changes. Uses detected shapes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.evaluation.shapes.detector import DetectedShapes


class Disentanglement(NamedTuple):
    """Scores of shared content and motion.

    A score is 1 if the shared property stays the same. It is 0 if the property differs as much as between clips that do
    not share it. It is None if no triple of clips can be measured.
    """

    content_disentanglement: float | None  # from the mean color
    size_disentanglement: float | None  # from the median area
    fill_disentanglement: float | None  # from the median fill, which separates squares from discs
    motion_disentanglement: float | None  # from the path
    disentanglement_triples: int  # number of measured triples


def disentanglement(
    clips: DetectedShapes, other_motion: DetectedShapes, other_content: DetectedShapes
) -> Disentanglement:
    """Measure disentanglement on N triples: clip n of `clips`, `other_motion` and `other_content`.

    Each score is 1 - d / D. d is the mean distance between clips that share the content (for `motion_disentanglement`,
    the motion). D is the mean distance between clips of the same triples that do not share it. The distances are:

    - color: L2 distance of the mean colors (0-255),
    - size and fill: difference of the medians,
    - motion: mean L2 distance of the centers in pixels, over frames in which both clips show a shape.

    A triple counts if at least half of the frames of each of its clips show a shape.

    Args:
        clips: Shapes of N clips.
        other_motion: Shapes of N clips with the same content and a different motion.
        other_content: Shapes of N clips with the same motion and a different content.

    Returns:
        The scores and the number of measured triples.
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
    """Return 1 - mean(same) / mean(different), or None if all values of `different` are 0."""
    return 1 - float(same.mean() / different.mean()) if different.any() else None


def _contents(shapes: DetectedShapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean color [N, 3], median area [N, 1] and median fill [N, 1] of each clip."""
    seen = np.where(shapes.detected, 1.0, np.nan)
    return (
        np.nanmean(shapes.color * seen[..., None], axis=1),
        np.nanmedian(shapes.area * seen, axis=1)[:, None],
        np.nanmedian(shapes.fill * seen, axis=1)[:, None],
    )


def _path_distance(one: DetectedShapes, other: DetectedShapes) -> np.ndarray:
    """Return the mean distance of the centers [N] in pixels, over frames with both shapes. NaN without such frames."""
    both = one.detected & other.detected
    distances = np.linalg.norm(one.center - other.center, axis=-1) * both
    sums = np.where(both.any(axis=1), distances.sum(axis=1), np.nan)
    return sums / np.maximum(both.sum(axis=1), 1)
