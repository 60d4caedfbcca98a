"""The scale, and intervals that cover what they promise."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from mocogan.evaluation.distances.comparison import Comparison
from mocogan.evaluation.distances.sliced import compare_by_wasserstein
from mocogan.evaluation.estimate import RealSide
from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.samples import Sample

TRIALS = 100


def metric(direction: Literal["lower", "higher"] = "lower") -> SampleMetric:
    return SampleMetric("gap", "", direction, "", "value", compare_by_wasserstein, damage="black")


def sample(values: np.ndarray, videos: np.ndarray | None = None) -> Sample:
    return Sample(
        {"value": values.astype(np.float32)}, np.arange(len(values)) if videos is None else videos
    )


def normal(count: int, mean: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 1, count)


def side(count: int = 16, others: int = 1, by: SampleMetric | None = None) -> RealSide:
    reference = sample(normal(count, 0, 0))
    samples = [sample(normal(count, 0, 1 + number)) for number in range(others)]
    damaged = sample(samples[0].features["value"] + 8)
    return RealSide(by or metric(), reference, samples, damaged, seed=0)


def test_values_by_hand() -> None:
    reference, real = sample(np.array([0.0, 2])), [sample(np.array([2.0, 1]))]
    real.append(sample(np.array([5.0, 3])))
    estimate = RealSide(metric(), reference, real, sample(np.array([12.0, 12])), 0).estimate(
        sample(np.array([8.0, 4]))
    )
    assert estimate.value == 5  # (4 + 6) / 2
    assert estimate.real == (0.5 + 3) / 2
    assert estimate.damaged == 11
    assert estimate.scale == pytest.approx((5 - 1.75) / (11 - 1.75))


def test_the_scale_is_0_for_the_other_real_clips_and_1_for_the_damaged_ones() -> None:
    real = side()
    values = sample(normal(16, 0, 1)).features["value"]
    for shift, expected in ((0, 0), (8, 1)):
        estimate = real.estimate(sample(values + shift))
        assert estimate.scale == pytest.approx(expected, abs=1e-6)
        # The same clips leave no doubt about the place on the scale.
        assert estimate.scale_low == pytest.approx(expected, abs=1e-3)
        assert estimate.scale_high == pytest.approx(expected, abs=1e-3)


def test_the_scale_of_a_metric_whose_higher_values_are_better_runs_the_same_way() -> None:
    def prepare(real: np.ndarray, other: np.ndarray) -> Comparison:
        distance = compare_by_wasserstein(real, other)
        return lambda of_real, of_other: -distance(of_real, of_other)

    higher = SampleMetric("", "", "higher", "", "value", prepare, damage="black")
    generated = sample(normal(16, 3, 7))
    down, up = (side(by=one).estimate(generated) for one in (metric(), higher))
    assert up.value == -down.value
    assert up.damaged < up.value < up.real
    assert up.scale == pytest.approx(down.scale)


def test_a_damage_that_the_metric_does_not_see_gives_no_scale() -> None:
    real = sample(normal(16, 0, 1))
    unseen = RealSide(metric(), sample(normal(16, 0, 0)), [real], real, seed=0)
    estimate = unseen.estimate(sample(normal(16, 3, 2)))
    assert estimate.scale is estimate.scale_low is estimate.scale_high is None
    assert estimate.low is not None
    assert estimate.low < estimate.value


def test_few_clips_have_no_interval() -> None:
    estimate = side(count=7).estimate(sample(normal(7, 3, 9)))
    assert estimate.low is estimate.high is estimate.scale_low is estimate.scale_high is None
    assert estimate.scale is not None
    assert side(count=8).estimate(sample(normal(8, 3, 9))).low is not None


def test_estimates_can_be_repeated_and_several_samples_are_averaged() -> None:
    generated = sample(normal(16, 3, 9))
    assert side().estimate(generated) == side().estimate(generated)
    values = [
        RealSide(metric(), side().reference, [one], one, 0).real
        for one in (sample(normal(16, 0, 1 + number)) for number in range(3))
    ]
    assert side(others=3).real == pytest.approx(np.mean(values))


def test_a_mixture_has_the_chosen_share_of_damaged_clips() -> None:
    real = side()
    values = sample(normal(16, 0, 1)).features["value"]
    mixture = real.mixture(0.25, np.random.default_rng(0))
    damaged = mixture.features["value"] == values + 8
    assert damaged.sum() == 4
    assert (mixture.features["value"][~damaged] == values[~damaged]).all()
    assert (mixture.videos == np.arange(16)).all()
    assert (real.mixture(0, np.random.default_rng(0)).features["value"] == values).all()
    assert real.estimate(real.mixture(1, np.random.default_rng(0))).scale == pytest.approx(1)
    other = real.mixture(0.25, np.random.default_rng(1))
    assert (other.features["value"] != mixture.features["value"]).any()


@pytest.mark.parametrize("clips_of_a_video", [1, 4])
def test_intervals_cover_the_truth_in_95_percent_of_trials(clips_of_a_video: int) -> None:
    """All values are far apart, so the Wasserstein distance is the difference of the means."""
    videos = np.repeat(np.arange(24), clips_of_a_video)
    estimates = []
    for trial in range(TRIALS):
        # Clips of the same video are equal, so they tell no more than one clip.
        reference, real, generated = (
            normal(24, mean, 3 * trial + number)[videos] for number, mean in enumerate((0, 10, 20))
        )
        side = RealSide(
            metric(), sample(reference, videos), [sample(real, videos)], sample(real + 20), trial
        )
        estimates.append(side.estimate(sample(generated, videos)))
    low, high, scale_low, scale_high = np.array(
        [(one.low, one.high, one.scale_low, one.scale_high) for one in estimates], float
    ).T
    # The means of 24 values and of 24 others differ by the truth and by this error.
    error = np.sqrt(2 / 24)
    assert (high - low).mean() / 2 == pytest.approx(1.96 * error, rel=0.1)
    # Of 1,000 trials with 24 videos, 93 % are within. With the known error, it would be 95 %.
    assert ((low < 20) & (high > 20)).mean() > 0.87
    assert ((scale_low < 0.5) & (scale_high > 0.5)).mean() > 0.87
    assert (scale_high - scale_low).mean() < (high - low).mean() / 10
