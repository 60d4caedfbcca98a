"""Appearance distance: how far generated clips are from real ones in color and in the place of things."""

from __future__ import annotations

from mocogan.evaluation.clip_features import COLOR_HISTOGRAM, MEAN_PICTURE
from mocogan.evaluation.distances.sliced import compare_by_mind
from mocogan.evaluation.metric import SampleMetric

METRICS = (
    SampleMetric(
        "color_distance",
        unit="share of pixels",
        direction="lower",
        protocol="MIND on the roots of mean histograms of 4 x 4 x 4 colors",
        feature=COLOR_HISTOGRAM,
        compare=compare_by_mind,
        damage="inverted",
    ),
    SampleMetric(
        "picture_distance",
        unit="squared gray levels",
        direction="lower",
        protocol="MIND on mean pictures of 8 x 8 cells",
        feature=MEAN_PICTURE,
        compare=compare_by_mind,
        damage="one_clip",
    ),
)
