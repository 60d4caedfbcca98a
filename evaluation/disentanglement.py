"""What of content and motion a model keeps when the other is drawn anew, by shapes found in its clips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.evaluation.shape_detector import FoundShapes


class Kept(NamedTuple):
    """How much of its content or motion a shape keeps when the other is drawn anew: 1 all, 0 no more than strangers.

    None where no triple of clips can be measured.
    """

    content_kept: float | None  # of its mean colour
    size_kept: float | None  # of its median area
    form_kept: float | None  # of its median fill, which tells squares from discs
    motion_kept: float | None  # of its path
    triples: int  # measured


def kept(clips: FoundShapes, other_motion: FoundShapes, other_content: FoundShapes) -> Kept:
    """What is kept between clip n of `clips` and of `other_motion`, with its content, or `other_content`, its motion.

    1 - d/D: d is the mean distance between clips that share the content (for `motion_kept`: the motion), D between
    those of the same triples that do not. Distances: L2 of the mean colours (0-255), differences of median area and of
    median fill, mean L2 of the centres over the frames in which both have a shape. A triple counts when a shape was
    found in at least half of the frames of each of its clips.
    """
    triple = [clips, other_motion, other_content]
    enough = [shapes.found.mean(axis=1) >= 0.5 for shapes in triple]
    paths = [_path_distance(clips, other) for other in (other_content, other_motion)]
    usable = np.all([*enough, *np.isfinite(paths)], axis=0)
    if not usable.any():
        return Kept(None, None, None, None, 0)
    first, moved, recast = (
        _contents(FoundShapes(*(values[usable] for values in shapes))) for shapes in triple
    )
    colour, size, form = (
        _share_kept(np.linalg.norm(a - b, axis=1), np.linalg.norm(a - c, axis=1))
        for a, b, c in zip(first, moved, recast, strict=True)
    )
    motion = _share_kept(*(path[usable] for path in paths))
    return Kept(colour, size, form, motion, triples=int(usable.sum()))


def _share_kept(same: np.ndarray, strangers: np.ndarray) -> float | None:
    """None when even strangers do not differ."""
    return 1 - float(same.mean() / strangers.mean()) if strangers.any() else None


def _contents(shapes: FoundShapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each clip's mean colour [N, 3], median area [N, 1] and median fill [N, 1]."""
    seen = np.where(shapes.found, 1.0, np.nan)
    return (
        np.nanmean(shapes.colour * seen[..., None], axis=1),
        np.nanmedian(shapes.area * seen, axis=1)[:, None],
        np.nanmedian(shapes.fill * seen, axis=1)[:, None],
    )


def _path_distance(one: FoundShapes, other: FoundShapes) -> np.ndarray:
    """[N] mean distance of the centres in pixels, over frames in which both are found; NaN where there is none."""
    both = one.found & other.found
    distances = np.linalg.norm(one.centre - other.centre, axis=-1) * both
    return np.where(both.any(axis=1), distances.sum(axis=1), np.nan) / np.maximum(
        both.sum(axis=1), 1
    )
