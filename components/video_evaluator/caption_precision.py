"""R-precision of captions: how often a clip fits the caption that it was drawn for better than other captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mocogan.components.video_evaluator.real_data import RealData
from mocogan.components.video_evaluator.report import MetricValue
from mocogan.components.video_evaluator.shares import wilson
from mocogan.data.input.selected_clips import NO_CAPTION, RealClips
from mocogan.evaluation.caption_matcher import CANDIDATES, CaptionMatcher

CAPTION_R_PRECISION = "caption_r_precision"
_MIN_TOLD_APART = 0.1  # R-precision above chance that the matcher needs on real clips


def caption_precision(draw: Callable[[Sequence[str]], np.ndarray], real: RealData) -> MetricValue:
    """R-precision (AttnGAN, arXiv:1711.10485, section 4) of clips that are drawn for captions of held-out clips.

    A matcher decides what fits. It is fitted to training clips and their captions. `real` is the R-precision of the
    held-out clips themselves.

    Args:
        draw: N captions -> their clips, [N, T, H, W, 3] uint8.
        real: Held-out and training clips. Clips without a caption are left out.
    """
    held_out, training = _captioned(real.held_out), _captioned(real.training)
    others = len({*held_out.captions, *training.captions}) - 1
    candidates = min(CANDIDATES, others + 1)
    protocol = (
        f"share of clips whose caption fits better than {candidates - 1} others, "
        "by a matcher that is fitted to training clips"
    )
    if len(held_out.clips) == 0 or len(training.clips) < 2 or others < 1:
        note = "too few real clips have different captions"
        return MetricValue(unit="share of clips", direction="higher", protocol=protocol, note=note)
    captions, more = held_out.captions.tolist(), training.captions.tolist()
    matcher = CaptionMatcher(training.clips, more)
    value = matcher.r_precision(draw(captions), captions, more)
    of_real = matcher.r_precision(held_out.clips, captions, more)
    low, high = wilson(value, len(captions))
    fails = of_real < 1 / candidates + _MIN_TOLD_APART
    return MetricValue(
        value=value,
        low=low,
        high=high,
        real=of_real,
        unit="share of clips",
        direction="higher",
        protocol=protocol,
        note=f"chance is {1 / candidates:.3f}"
        + ("; the matcher does not tell real clips apart" if fails else ""),
    )


def _captioned(clips: RealClips) -> RealClips:
    return clips.part(clips.captions != NO_CAPTION)
