"""Galleries that the model draws from chosen latents: content, motion, classes, captions, interpolation, long clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mocogan.components.video_evaluator.galleries.captions import caption_galleries
from mocogan.components.video_evaluator.galleries.interpolation import between
from mocogan.components.video_evaluator.galleries.names import (
    CLASSES,
    CONTENT_STEPS,
    LONG,
    MATRIX,
    MOTION_STEPS,
    GalleryClips,
)
from mocogan.components.video_evaluator.report import Gallery
from mocogan.components.video_evaluator.sampling import CLIPS_PER_CALL, ClipLatents, ClipModel
from mocogan.data.progress import progress
from mocogan.trainer.contract import ANY_CATEGORY

_MATRIX_SIDE = 5
_SEEDS_PER_CLASS = 4
_MAX_CLASSES = 12
_INTERPOLATIONS, _STEPS = 2, 8  # rows, and clips in a row
_LONG_CLIPS, _TIMES_LONGER = 4, 3


def latent_galleries(
    model: ClipModel, labels: Sequence[str], fps: float | None, seed: int
) -> list[GalleryClips]:
    """Draws all galleries that the model can draw, with a progress bar. None if it has no latents.

    Args:
        model: The candidate.
        labels: Classes to show, the most important first. At most 12 are shown.
        fps: Frame rate of the clips, None if it is not known.
        seed: The first seed. The next ones are used too.

    Raises:
        OutputContractError: A signature fails.
    """
    if not model.has_latents:
        return []
    shown = [label for label in labels if label in model.labels][:_MAX_CLASSES]
    parts = [
        _matrix(model, seed),
        *([_classes(model, shown, seed)] if len(shown) > 1 else []),
        *caption_galleries(model, seed),
        _steps(model, CONTENT_STEPS, "content", seed),
        _steps(model, MOTION_STEPS, "motion", seed),
        _long(model, seed),
    ]
    with progress("drawing galleries", sum(g.clips for g, _ in parts), "clips") as bar:
        galleries = []
        for gallery, latents in parts:
            galleries.append(
                GalleryClips(gallery.model_copy(update={"fps": fps}), _render(model, latents))
            )
            bar.advance(gallery.clips)
    return galleries


_Part = tuple[Gallery, ClipLatents]


def _matrix(model: ClipModel, seed: int) -> _Part:
    """Rows share z_content. Columns share the motion and the class."""
    seeds = range(seed, seed + _MATRIX_SIDE)
    drawn = model.latents(seeds, ANY_CATEGORY, model.clip_shape[0])
    rows, columns = np.divmod(np.arange(_MATRIX_SIDE**2), _MATRIX_SIDE)
    latents = _rows(drawn, columns)._replace(z_content=drawn.z_content[rows])
    names = [_class_of(model, category) for category in drawn.category]
    gallery = Gallery(
        name=MATRIX,
        clips=len(rows),
        columns=_MATRIX_SIDE,
        row_names=tuple(f"content {number}" for number in seeds),
        column_names=tuple(
            f"motion {number}{name}" for number, name in zip(seeds, names, strict=True)
        ),
    )
    return gallery, latents


def _classes(model: ClipModel, labels: Sequence[str], seed: int) -> _Part:
    seeds = range(seed, seed + _SEEDS_PER_CLASS)
    drawn = [
        model.latents(seeds, model.labels.index(label), model.clip_shape[0]) for label in labels
    ]
    latents = ClipLatents(*(np.concatenate(parts) for parts in zip(*drawn, strict=True)))
    gallery = Gallery(
        name=CLASSES,
        clips=len(labels) * len(seeds),
        columns=len(seeds),
        row_names=tuple(labels),
        column_names=tuple(f"seed {number}" for number in seeds),
    )
    return gallery, latents


def _steps(model: ClipModel, name: str, what: Literal["content", "motion"], seed: int) -> _Part:
    rows = []
    for number in range(_INTERPOLATIONS):
        ends = (seed + 2 * number, seed + 2 * number + 1)
        keyframes = model.latents(ends, ANY_CATEGORY, model.clip_shape[0])
        rows.append(between(keyframes, np.linspace(0, 1, _STEPS), what))
    latents = ClipLatents(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))
    gallery = Gallery(name=name, clips=_INTERPOLATIONS * _STEPS, columns=_STEPS)
    return gallery, latents


def _long(model: ClipModel, seed: int) -> _Part:
    num_frames = _TIMES_LONGER * model.clip_shape[0]
    latents = model.latents(range(seed, seed + _LONG_CLIPS), ANY_CATEGORY, num_frames)
    names = [_class_of(model, category).strip(" ()") for category in latents.category]
    return (
        Gallery(
            name=LONG,
            clips=_LONG_CLIPS,
            columns=_LONG_CLIPS,
            captions=tuple(names) if any(names) else (),
        ),
        latents,
    )


def _class_of(model: ClipModel, category: int) -> str:
    return f" ({model.labels[category]})" if 0 <= category < len(model.labels) else ""


def _render(model: ClipModel, latents: ClipLatents) -> np.ndarray:
    """Draw all rows, in calls of one size, because each other size would be compiled anew."""
    count = len(latents.category)
    size = min(count, CLIPS_PER_CALL)
    clips = []
    for start in range(0, count, size):
        chosen = np.minimum(np.arange(start, start + size), count - 1)
        clips.append(model.render(_rows(latents, chosen)))
    return np.concatenate(clips)[:count]


def _rows(latents: ClipLatents, chosen: np.ndarray) -> ClipLatents:
    return ClipLatents(*(part[chosen] for part in latents))
