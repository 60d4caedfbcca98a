"""Metrics, checks and comparisons of squares beside real squares."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.judge import (
    bound_checks,
    metric_values,
    p_values_worse,
    smallest_refused_shares,
)
from mocogan.components.video_evaluator.report import MetricValue
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.real_statistics import RealStatistics
from mocogan.evaluation.samples import Sample
from tests.support.square_models import draw_squares

COUNT = 24
CONFIG = EvaluatorConfig()


def statistics_of(held_out: np.ndarray, training: np.ndarray, steps: int = 0) -> RealStatistics:
    pair = (VideoClips(clips, np.arange(len(clips))) for clips in (held_out, training))
    return RealStatistics(*pair, FeatureCache(None), embedding_steps=steps)


@pytest.fixture(scope="module")
def statistics() -> RealStatistics:
    """Statistics of 24 held-out and 48 training clips."""
    return statistics_of(draw_squares(COUNT, 1_000_000), draw_squares(2 * COUNT, 2_000_000))


@pytest.fixture(scope="module")
def good(statistics: RealStatistics) -> Sample:
    """Clips like the real ones."""
    return statistics.sample(draw_squares(COUNT, 7), "clips")


def damaged(statistics: RealStatistics, name: str) -> Sample:
    clips = DAMAGES[name].function(draw_squares(COUNT, 7), np.random.default_rng(0))
    return statistics.sample(clips, name)


def test_every_metric_has_a_value_or_says_why_not(statistics: RealStatistics, good: Sample) -> None:
    values = metric_values(good, statistics.sides)
    assert list(values) == list(SAMPLE_METRICS)
    missing = {name: metric.note for name, metric in values.items() if metric.value is None}
    assert missing.pop("content_consistency").startswith("there is no frame embedding")
    assert missing == dict.fromkeys(
        ["patch_distance_2", "patch_distance_3"], "the frames are too small"
    )
    change = values["change"]
    assert (change.unit, change.direction, change.damage) == ("gray levels", "lower", "still")
    assert "mean absolute difference" in change.protocol
    assert change.low is not None
    assert change.value is not None
    assert change.high is not None
    assert change.low < change.value < change.high
    assert change.real is not None


def test_a_scale_that_real_clips_do_not_have_is_explained() -> None:
    still = np.repeat(draw_squares(2 * COUNT, 3)[:, :1], 4, axis=1)
    statistics = statistics_of(still[:COUNT], still[COUNT:])
    metric = metric_values(statistics.sample(still[:COUNT], "clips"), statistics.sides)["change"]
    assert (metric.value, metric.scale) == (0, None)
    assert metric.note == "real clips do not show the damage of its scale"
    assert smallest_refused_shares(statistics.sides, CONFIG, seed=0)["still"] is None


def test_metrics_without_a_bound_never_decide(statistics: RealStatistics) -> None:
    values = metric_values(damaged(statistics, "pixel_noise"), statistics.sides)
    names = {check.name for check in bound_checks(values, CONFIG)}
    without = {name for name, metric in SAMPLE_METRICS.items() if not metric.has_bound}
    assert {"clip_kid", "coverage", "density"} <= without
    assert names == SAMPLE_METRICS.keys() - without
    score = MetricValue(
        scale=1, scale_low=0.9, unit="", direction="higher", protocol="", damage="no effect"
    )
    (check,) = bound_checks({"score": score}, CONFIG)
    assert (check.name, check.passed) == ("score", False)


def test_good_clips_pass_and_broken_ones_fail(statistics: RealStatistics, good: Sample) -> None:
    def failed(sample: Sample, config: EvaluatorConfig = CONFIG) -> set[str]:
        checks = bound_checks(metric_values(sample, statistics.sides), config)
        return {check.name for check in checks if check.passed is False}

    assert not failed(good)
    broken = {name: failed(damaged(statistics, name)) for name in ("still", "one_clip", "shuffled")}
    assert {"change", "displacement"} <= broken["still"]
    assert {"clip_distance", "distinct_share"} <= broken["one_clip"]
    assert "high_frequency" in broken["shuffled"]
    assert not failed(damaged(statistics, "still"), EvaluatorConfig(max_damage=100))


def test_p_values_ask_whether_the_candidate_is_worse(
    statistics: RealStatistics, good: Sample
) -> None:
    one = damaged(statistics, "one_clip")
    worse = p_values_worse(one, good, statistics.sides, seed=0)
    assert worse.keys() == statistics.sides.keys()
    assert worse["clip_distance"] <= 1 / 400  # lower is better
    assert worse["coverage"] <= 1 / 400  # higher is better
    better = p_values_worse(good, one, statistics.sides, seed=0)
    assert min(better["clip_distance"], better["coverage"]) > 0.5


def test_the_report_says_how_many_bad_clips_can_be_seen(statistics: RealStatistics) -> None:
    shares = smallest_refused_shares(statistics.sides, CONFIG, seed=0)
    assert shares.keys() == {"still", "flash"}  # no embedding, so nothing about cuts
    assert all(share is not None and 0.05 <= share <= 1 for share in shares.values())
    stricter = smallest_refused_shares(statistics.sides, EvaluatorConfig(max_damage=0.1), seed=0)
    assert stricter["still"] is not None
    assert shares["still"] is not None
    assert stricter["still"] <= shares["still"]
    blind = smallest_refused_shares(statistics.sides, EvaluatorConfig(max_damage=10), seed=0)
    assert set(blind.values()) == {None}
