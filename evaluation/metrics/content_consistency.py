"""Content consistency: whether the thing in a clip stays the same thing.

Both metrics compare the distribution of a change per clip with that of real clips. So a frozen clip is not the best.
"""

from __future__ import annotations

from mocogan.evaluation.clip_features import COLOR_CHANGE, CONTENT_CHANGE
from mocogan.evaluation.distances.sliced import compare_by_wasserstein
from mocogan.evaluation.metric import SampleMetric

CONTENT_CONSISTENCY = "content_consistency"

METRICS = (
    SampleMetric(
        "color_consistency",
        unit="Hellinger distance",
        direction="lower",
        protocol="Wasserstein-1 distance of the ACD per clip, on color histograms of all pairs of frames",
        feature=COLOR_CHANGE,
        compare=compare_by_wasserstein,
        damage="flash",
    ),
    SampleMetric(
        CONTENT_CONSISTENCY,
        unit="cosine distance",
        direction="lower",
        protocol="Wasserstein-1 distance of the mean distance of a clip's frames, in an embedding of real frames",
        feature=CONTENT_CHANGE,
        compare=compare_by_wasserstein,
        damage="cut",
    ),
)
