"""All metrics that compare generated with real clips, in the order of the report."""

from __future__ import annotations

from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.metrics import (
    appearance_distance,
    clip_distance,
    content_consistency,
    coverage,
    motion,
    patch_distance,
)

SAMPLE_METRICS: dict[str, SampleMetric] = {
    metric.name: metric
    for module in (
        clip_distance,
        appearance_distance,
        patch_distance,
        content_consistency,
        motion,
        coverage,
    )
    for metric in module.METRICS
}
