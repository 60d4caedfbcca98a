"""Permutation tests have the level they promise, and they see a difference."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.distances.sliced import compare_by_wasserstein
from mocogan.evaluation.metric import Direction, SampleMetric
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.permutation import holm, p_value_worse, permutation_p_value
from mocogan.evaluation.samples import Sample

CLIPS = 12
TRIALS = 200


def metric(direction: Direction = "lower") -> SampleMetric:
    assert direction != "none"
    return SampleMetric(
        "distance", "", direction, "", "value", compare_by_wasserstein, damage="black"
    )


def sample(seed: int, shift: float = 0) -> Sample:
    values = np.random.default_rng(seed).normal(size=CLIPS).astype(np.float32) + np.float32(shift)
    return Sample({"value": values}, np.arange(CLIPS))


def test_p_values_are_uniform_if_the_models_are_equal() -> None:
    p_values = np.array(
        [
            p_value_worse(metric(), sample(3 * t), sample(3 * t + 1), sample(3 * t + 2), seed=t)
            for t in range(TRIALS)
        ]
    )
    assert p_values.min() > 0
    assert p_values.max() <= 1
    # Kolmogorov and Smirnov: the largest gap is below 1.63 / sqrt(trials) in 99 % of cases.
    gaps = np.sort(p_values) - (np.arange(TRIALS) + 0.5) / TRIALS
    assert np.abs(gaps).max() < 1.63 / np.sqrt(TRIALS)
    assert (p_values <= 0.05).mean() < 0.1  # 5 % and three times the standard error


@pytest.mark.parametrize(("direction", "worse"), [("lower", 3), ("higher", 0)])
def test_a_worse_candidate_is_found_in_either_direction(direction: Direction, worse: int) -> None:
    near, far = sample(1), sample(2, shift=3)
    candidate, baseline = (far, near) if worse else (near, far)
    found = p_value_worse(metric(direction), sample(0), candidate, baseline)
    assert found == pytest.approx(1 / 400)  # no exchange looks as bad
    assert p_value_worse(metric(direction), sample(0), baseline, candidate) == 1
    assert p_value_worse(metric(direction), sample(0), candidate, baseline) == found


def test_the_same_clips_are_not_worse() -> None:
    assert p_value_worse(metric(), sample(0), sample(1), sample(1)) > 0.2


def test_it_stops_after_20_exceedances() -> None:
    calls: list[np.ndarray] = []

    def statistic(own: np.ndarray) -> float:
        calls.append(own)
        return 0.0

    own = np.array([True, False, False])
    assert permutation_p_value(statistic, own, np.random.default_rng(0)) == 1
    assert len(calls) == 1 + 20
    assert calls[0].tolist() == own.tolist()
    assert all(call.sum() == 1 for call in calls)


def test_p_values_are_shares_of_permutations() -> None:
    own = np.array([False] * 9 + [True])
    random = np.random.default_rng(0)
    place = permutation_p_value(lambda chosen: float(chosen.argmax()), own, random)
    assert place == pytest.approx(1 / 10, abs=0.07)  # 20 hits have an error of about 22 %
    rare = np.arange(4000) == 3999
    assert permutation_p_value(lambda chosen: float(chosen.argmax()), rare, random) < 6e-3


def test_one_metric_of_all_can_be_significant() -> None:
    p_values = dict.fromkeys(SAMPLE_METRICS, 1.0) | {"clip_distance": 1 / 400}
    assert holm(p_values) == ["clip_distance"]


def test_holm_by_hand() -> None:
    p_values = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    # d: 0.005 <= 0.05 / 4; a: 0.01 <= 0.05 / 3; c: 0.03 > 0.05 / 2, so b is not tested.
    assert holm(p_values) == ["d", "a"]
    assert holm(p_values, level=0.2) == ["d", "a", "c", "b"]
    assert holm(p_values, level=0.01) == []
    assert holm({"one": 0.05}) == ["one"]
    assert holm({}) == []
    assert holm({"b": 0.01, "a": 0.01}) == ["b", "a"]
