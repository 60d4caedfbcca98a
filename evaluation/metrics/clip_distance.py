"""Clip distance: how far generated clips are from real ones, in form and motion."""

from __future__ import annotations

from mocogan.evaluation.clip_features import HOG3D
from mocogan.evaluation.distances.kid import compare_by_kid
from mocogan.evaluation.distances.sliced import compare_by_mind
from mocogan.evaluation.metric import SampleMetric

CLIP_DISTANCE = "clip_distance"

METRICS = (
    SampleMetric(
        CLIP_DISTANCE,
        unit="gray levels per pixel",
        direction="lower",
        protocol="MIND (arXiv:2605.06797) on HOG3D features",
        feature=HOG3D,
        compare=compare_by_mind,
        damage="mean_clip",
    ),
    SampleMetric(
        "clip_kid",
        unit="squared MMD",
        direction="lower",
        protocol="unbiased KID with a cubic kernel (arXiv:1801.01401) on HOG3D features",
        feature=HOG3D,
        compare=compare_by_kid,
        damage="mean_clip",
        has_bound=False,  # a second opinion on the same features
    ),
)
