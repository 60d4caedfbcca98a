"""Captioned digits: their videos, and whether a model draws the digit and the motion of a caption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data.synthetic.caption_file import CAPTION_FILE
from mocogan.data.synthetic.handwritten_digits import NUM_CLASSES, read_digits
from mocogan.data.synthetic.moving_digits import (
    AXES,
    caption_of,
    captioned_digit_clips,
    write_moving_digits,
)
from mocogan.evaluation.moving_axis import moving_axis
from mocogan.pipeline.experiments.recipe.data_sets import DIGIT_SEED
from mocogan.pipeline.experiments.recipe.digit_figures import digit_figures
from mocogan.pipeline.experiments.recipe.measurement import digit_classifier

_CLIPS = 640
_SEED = 0


def digit_videos(source: str, folder: str, num_videos: int) -> None:
    """Writes the videos into `folder` unless they are there. Raises ValueError or OSError."""
    if not Path(folder, CAPTION_FILE).exists():  # it is written last
        digits = read_digits(source)
        count = min(num_videos, len(digits.images) // 2)  # the others are for the classifier
        write_moving_digits(folder, digits, count, DIGIT_SEED, captions=True)


def caption_figures(model: ClipModel, source: str) -> dict[str, Any]:
    """Shares of clips with the digit and the axis of their caption. Values of real clips end in `_real`.

    Args:
        model: A model that was trained on the videos of `digit_videos`.
        source: The images of digits.
    """
    num_frames, size, _, _ = model.clip_shape
    classifier, tested, _ = digit_classifier(source, num_frames, size)
    numbers = np.arange(_CLIPS)
    digits, axes = numbers % NUM_CLASSES, numbers // NUM_CLASSES % len(AXES)
    captions = [caption_of(int(digit), int(axis)) for digit, axis in zip(digits, axes, strict=True)]
    clips = model.sample_captions(captions, _SEED)
    found = digit_figures(classifier.probabilities(clips), digits)
    real, real_digits, real_axes = captioned_digit_clips(tested, _SEED, num_frames, size)
    real_found = digit_figures(classifier.probabilities(real), real_digits)
    return {
        **found._asdict(),
        "axis": float((moving_axis(clips) == axes).mean()),
        **{f"{name}_real": value for name, value in real_found._asdict().items()},
        "axis_real": float((moving_axis(real) == real_axes).mean()),
        "as_asked_chance": 1 / NUM_CLASSES,
        "axis_chance": 1 / len(AXES),
    }
