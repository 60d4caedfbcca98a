"""What the bounded metrics see: every damage that breaks clips, and nothing in other real clips."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.real_statistics import RealStatistics
from tests.support.shape_clips import shape_clips

COUNT = 24
BOUND = 0.3


@pytest.fixture(scope="module")
def real() -> RealStatistics:
    """Statistics without a frame embedding, which takes long to train."""
    reference = VideoClips(shape_clips(range(COUNT)), np.arange(COUNT))
    training = VideoClips(shape_clips(range(1000, 1000 + 4 * COUNT)), np.arange(4 * COUNT))
    return RealStatistics(reference, training, FeatureCache(None), embedding_steps=0)


def largest(real: RealStatistics, clips: np.ndarray) -> tuple[float, str]:
    """The largest place on the scale of a bounded metric, and the metric's name."""
    sample = real.sample(clips, "clips")
    estimates = {
        name: side.estimate(sample) for name, side in real.sides.items() if side.metric.has_bound
    }
    scales = [(one.scale, name) for name, one in estimates.items() if one.scale is not None]
    assert len(scales) == len(estimates)  # each metric sees its own damage
    return max(scales)


@pytest.mark.parametrize("seed", range(5000, 5000 + 8 * COUNT, COUNT))
def test_other_real_clips_pass(real: RealStatistics, seed: int) -> None:
    scale, metric = largest(real, shape_clips(range(seed, seed + COUNT)))
    assert scale < BOUND, metric


@pytest.mark.parametrize("name", [damage.name for damage in DAMAGES.values() if damage.broken])
def test_broken_clips_do_not_pass(real: RealStatistics, name: str) -> None:
    clips = shape_clips(range(7000, 7000 + COUNT))
    scale, metric = largest(real, DAMAGES[name].function(clips, np.random.default_rng(0)))
    assert scale > BOUND, metric
