"""Captioned shapes: their videos, and how well a model follows captions of seen and of held-out combinations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data.synthetic.caption_file import CAPTION_FILE
from mocogan.data.synthetic.captioned_shapes import (
    HELD_OUT_SHARE,
    SIZES,
    Attributes,
    all_combinations,
    caption_of,
    captioned_clips,
    held_out_combinations,
    write_captioned_shapes,
)
from mocogan.data.synthetic.shapes import COLORS
from mocogan.evaluation.caption_matcher import CANDIDATES, CaptionMatcher
from mocogan.evaluation.shapes.attributes import (
    ATTRIBUTES,
    ShapeValues,
    agreement,
    chance,
    name_attributes,
)
from mocogan.evaluation.shapes.comparison import compare_shape_motion
from mocogan.evaluation.shapes.detector import AreaRange, DetectedShapes, area_range, detect_shapes
from mocogan.evaluation.shapes.shape_metrics import detection_rate

_SEED = 0  # of the videos, of the held-out combinations and of samples; the training has a seed of its own
_CLIPS = 512  # with captions of the training's combinations, and as many of the others
_FREE_CLIPS = 1024  # without a chosen caption
_MATCHED_CLIPS = 2048  # real clips that the matcher of captions is fitted to
_VALUES = ShapeValues(SIZES, COLORS, disc="circle", square="square")
_WORDINGS = 2  # of the captions that are asked for


def shape_videos(folder: str, num_videos: int) -> None:
    """Writes the videos into `folder` unless they are there. Raises ValueError or OSError."""
    if not Path(folder, CAPTION_FILE).exists():  # it is written last
        write_captioned_shapes(folder, num_videos, _SEED)


def shape_figures(model: ClipModel) -> dict[str, Any]:
    """Agreement of each attribute with the captions, beside the detector's own on real clips and chance.

    Args:
        model: A model that was trained on the videos of `shape_videos`.

    Returns:
        Values ready for JSON. `seen` and `held_out` have the agreement of `generated` and of `real` clips, and of
        `chance`, the share of frames with a detected shape, and R-precision. A chance guess is one of all combinations.
        The other captions of R-precision are those of all combinations too, so both have the same chance.
    """
    held_out = held_out_combinations(HELD_OUT_SHARE, _SEED)
    seen = [each for each in all_combinations() if each not in held_out]
    num_frames, size, _, _ = model.clip_shape
    real = captioned_clips(_repeated(seen, _MATCHED_CLIPS), _SEED, num_frames, size)
    areas = area_range(real)
    matcher = CaptionMatcher(real, _captions(_repeated(seen, _MATCHED_CLIPS)))
    free = model.sample(_FREE_CLIPS, model.clip_shape, _SEED)
    return {
        "seen": _agreements(model, seen, areas, matcher),
        "held_out": _agreements(model, sorted(held_out), areas, matcher),
        "without_caption": compare_shape_motion(real, free, _SEED),
    }


def _agreements(
    model: ClipModel,
    combinations: Sequence[Attributes],
    areas: AreaRange,
    matcher: CaptionMatcher,
) -> dict[str, Any]:
    asked = _repeated(combinations, _CLIPS)
    captions = _captions(asked)
    num_frames, size, _, _ = model.clip_shape
    clips = model.sample_captions(captions, _SEED)
    real_clips = captioned_clips(asked, _SEED + 1, num_frames, size)
    generated, real = detect_shapes(clips, areas), detect_shapes(real_clips, areas)
    requested, possible = _values(asked), _captions(all_combinations())

    def agreed(shapes: DetectedShapes) -> dict[str, float]:
        return agreement(name_attributes(shapes, size, _VALUES), requested)

    return {
        "clips": len(asked),
        "generated": agreed(generated),
        "real": agreed(real),
        "chance": chance(_values(all_combinations())),
        "detection_rate": detection_rate(generated),
        "detection_rate_real": detection_rate(real),
        "r_precision": matcher.r_precision(clips, captions, possible),
        "r_precision_real": matcher.r_precision(real_clips, captions, possible),
        "r_precision_chance": 1 / CANDIDATES,
    }


def _values(combinations: Sequence[Attributes]) -> dict[str, list[str]]:
    """The value of each combination, by attribute."""
    return {name: [getattr(each, name) for each in combinations] for name in ATTRIBUTES}


def _repeated(combinations: Sequence[Attributes], count: int) -> list[Attributes]:
    """`count` combinations in turn."""
    return [combinations[n] for n in np.arange(count) % len(combinations)]


def _captions(asked: Sequence[Attributes]) -> list[str]:
    """A caption of each. The wordings take turns, but equal combinations have the same one."""
    return [caption_of(each, sum(map(len, each)) % _WORDINGS) for each in asked]
