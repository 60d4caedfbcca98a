"""Galleries of clips that are there already: random ones, the worst ones, and real clips beside them."""

from __future__ import annotations

import numpy as np

from mocogan.components.video_evaluator.galleries.names import (
    BASELINE,
    GENERATED,
    NEAREST,
    REAL,
    UNCOVERED,
    WORST,
    GalleryClips,
)
from mocogan.components.video_evaluator.real_data import RealData
from mocogan.components.video_evaluator.report import Gallery
from mocogan.data.records.keys import NO_LABEL
from mocogan.evaluation.clip_features import NEIGHBORHOOD
from mocogan.evaluation.distances.neighbors import distances, neighborhood_radius
from mocogan.evaluation.samples import Sample

_EXTREMES = 8  # clips in `worst` and `uncovered`
_COLUMNS = 4


def real_gallery(real: RealData, most: int) -> GalleryClips:
    """The first held-out clips. They are random ones."""
    labels = real.held_out.labels[:most]
    captions = tuple(labels) if (labels != NO_LABEL).any() else ()
    return _gallery(REAL, real.held_out.clips[:most], real.fps, captions)


def generated_gallery(clips: np.ndarray, real: RealData, asked: bool, most: int) -> GalleryClips:
    """The first generated clips [N, T, H, W, 3]. `asked`: clip n was asked to be of the class of real clip n."""
    labels = real.held_out.labels[: min(most, len(clips))]
    captions = tuple(labels) if asked and (labels != NO_LABEL).any() else ()
    return _gallery(GENERATED, clips[:most], real.fps, captions)


def baseline_gallery(clips: np.ndarray, real: RealData, most: int) -> GalleryClips:
    """The first clips of the baseline [N, T, H, W, 3], which have the seeds of the generated ones."""
    return _gallery(BASELINE, clips[:most], real.fps)


def nearest_gallery(
    nearest: np.ndarray, relative_distance: np.ndarray, real: RealData
) -> GalleryClips:
    """Training clips [G, T, H, W, 3] that are nearest to the first G generated clips.

    `relative_distance` [G]: 1 is the median distance of held-out clips to their nearest training clip.
    """
    captions = tuple(f"distance {value:.2f}" for value in relative_distance)
    return _gallery(NEAREST, nearest, real.fps, captions)


def extreme_galleries(
    clips: np.ndarray, generated: Sample, reference: Sample, real: RealData
) -> list[GalleryClips]:
    """The generated clips that are farthest from real ones, and the real clips that no generated one is near to.

    Distances are those of coverage, see `evaluation.distances.neighbors`. A real clip is not covered if no generated
    clip lies in its neighborhood.

    Args:
        clips: Generated clips, [N, T, H, W, 3] uint8.
        generated: Their features.
        reference: Features of the held-out clips.
        real: The held-out clips.
    """
    own = distances(*[reference.features[NEIGHBORHOOD]] * 2)
    between = distances(reference.features[NEIGHBORHOOD], generated.features[NEIGHBORHOOD])
    radius = neighborhood_radius(own)
    np.fill_diagonal(own, np.inf)
    usual = np.median(own.min(axis=1))
    far = between.min(axis=0) / usual if usual > 0 else between.min(axis=0)
    worst = np.argsort(-far, kind="stable")[:_EXTREMES]
    galleries = [
        _gallery(WORST, clips[worst], real.fps, tuple(f"distance {far[n]:.1f}" for n in worst))
    ]
    missed = between.min(axis=1) / np.maximum(radius, np.finfo(np.float32).tiny)
    uncovered = [n for n in np.argsort(-missed, kind="stable") if missed[n] >= 1][:_EXTREMES]
    if uncovered:
        labels = tuple(str(real.held_out.labels[n]) for n in uncovered)
        captions = labels if any(label != NO_LABEL for label in labels) else ()
        galleries.append(_gallery(UNCOVERED, real.held_out.clips[uncovered], real.fps, captions))
    return galleries


def _gallery(
    name: str, clips: np.ndarray, fps: float | None, captions: tuple[str, ...] = ()
) -> GalleryClips:
    gallery = Gallery(
        name=name,
        clips=len(clips),
        columns=min(len(clips), _COLUMNS),
        captions=tuple(map(str, captions)),
        fps=fps,
    )
    return GalleryClips(gallery, clips)
