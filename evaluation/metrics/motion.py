"""Motion: whether generated clips move as much, as steadily and as far as real ones, and are as sharp."""

from __future__ import annotations

from mocogan.evaluation.clip_features import (
    CHANGE,
    DISPLACEMENT,
    HIGH_FREQUENCY,
    SHARPNESS,
    TAKEN_BACK,
)
from mocogan.evaluation.distances.sliced import compare_by_mind, compare_by_wasserstein
from mocogan.evaluation.metric import SampleMetric

_PER_CLIP = "Wasserstein-1 distance of the values per clip: "

METRICS = (
    SampleMetric(
        "change",
        unit="gray levels",
        direction="lower",
        protocol=_PER_CLIP + "mean absolute difference of successive frames",
        feature=CHANGE,
        compare=compare_by_wasserstein,
        damage="still",
    ),
    SampleMetric(
        "taken_back",
        unit="share of change",
        direction="lower",
        protocol=_PER_CLIP + "share of change that the next frame takes back",
        feature=TAKEN_BACK,
        compare=compare_by_wasserstein,
        damage="still_with_flicker",
    ),
    SampleMetric(
        "high_frequency",
        unit="share of power",
        direction="lower",
        protocol=_PER_CLIP + "share of the temporal spectrum above half of the Nyquist frequency",
        feature=HIGH_FREQUENCY,
        compare=compare_by_wasserstein,
        damage="shuffled",
    ),
    SampleMetric(
        "sharpness",
        unit="gray levels",
        direction="lower",
        protocol=_PER_CLIP + "mean absolute Laplacian",
        feature=SHARPNESS,
        compare=compare_by_wasserstein,
        damage="black",
        has_bound=False,  # a blur is a matter of degree, and young models are blurred
    ),
    SampleMetric(
        "displacement",
        unit="squared share of the frame's side",
        direction="lower",
        protocol="MIND on the way from the place of the first changes to that of the last ones",
        feature=DISPLACEMENT,
        compare=compare_by_mind,
        damage="still",
    ),
)
