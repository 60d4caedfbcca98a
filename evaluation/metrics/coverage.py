"""Coverage: whether generated clips reach all that real clips show, and do not repeat themselves.

Coverage and density have no bound. A slight blur moves all clips out of the neighborhoods of real clips, so that both
are near 0 for models that people find good. They tell models apart, and they show a collapse beside the distances.
"""

from __future__ import annotations

from mocogan.evaluation.clip_features import NEIGHBORHOOD, THUMBNAIL
from mocogan.evaluation.distances.neighbors import (
    compare_by_coverage,
    compare_by_density,
    compare_by_distinct_share,
)
from mocogan.evaluation.metric import SampleMetric

METRICS = (
    SampleMetric(
        "coverage",
        unit="share of real clips",
        direction="higher",
        protocol="coverage (arXiv:2002.09797) with 5 neighbors, on 32 principal components",
        feature=NEIGHBORHOOD,
        compare=compare_by_coverage,
        damage="one_clip",
        has_bound=False,
    ),
    SampleMetric(
        "density",
        unit="neighborhoods per clip, relative to real clips",
        direction="higher",
        protocol="density (arXiv:2002.09797) with 5 neighbors, on 32 principal components",
        feature=NEIGHBORHOOD,
        compare=compare_by_density,
        damage="pixel_noise",
        has_bound=False,
    ),
    SampleMetric(
        "distinct_share",
        unit="share of clips",
        direction="higher",
        protocol="share of clips that differ from all others before them, on thumbnails",
        feature=THUMBNAIL,
        compare=compare_by_distinct_share,
        damage="one_clip",
    ),
)
