"""The value of a metric with its interval, beside real clips and on the scale from real to damaged clips."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.samples import Sample, half_of

_HALVES = 40
_NORMAL_95 = 1.96
MIN_CLIPS = 8  # for an interval


class Estimate(BaseModel):
    """A metric of generated clips. Intervals cover 95 %."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    low: float | None
    high: float | None
    real: float  # the value of as many real clips of other videos
    damaged: float  # the value of these real clips with the metric's damage
    # 0: as real clips; 1: as damaged ones. None if the metric does not see the damage.
    scale: float | None
    scale_low: float | None
    scale_high: float | None


class RealSide:
    """The real clips that a metric needs: the reference, other real clips, and the same clips damaged."""

    def __init__(
        self,
        metric: SampleMetric,
        reference: Sample,
        others: Sequence[Sample],
        damaged: Sample,
        seed: int,
    ) -> None:
        """Compute the values of real clips.

        Args:
            metric: The metric.
            reference: Held-out clips, [N].
            others: Samples of N clips of other videos, at least one.
            damaged: The clips of the first of `others`, with the metric's damage.
            seed: Seed of the halves.
        """
        self.metric, self.reference = metric, reference
        self.others, self.damaged_clips = others, damaged
        self._seed, feature = seed, metric.feature
        own = reference.features[feature]
        against = [metric.compare(own, sample.features[feature]) for sample in others]
        against_damaged = metric.compare(own, damaged.features[feature])
        everything = np.ones(len(reference.videos), bool)
        self.real = float(np.mean([compare(everything, everything) for compare in against]))
        self.damaged = against_damaged(everything, everything)
        self._halves = [
            (against[0](*halves), against_damaged(*halves)) for halves in self._cuts(others[0])
        ]

    def mixture(self, share: float, random: np.random.Generator) -> Sample:
        """Return real clips, a share of which has the damage, as a model would generate them.

        Args:
            share: Share of damaged clips in [0, 1].
            random: Source of the choice.
        """
        feature, count = self.metric.feature, len(self.reference.videos)
        damaged = random.permutation(count) < round(share * count)
        features = self.others[-1].features[feature].copy()
        features[damaged] = self.damaged_clips.features[feature][damaged]
        return Sample({feature: features}, np.arange(count))

    def estimate(self, generated: Sample) -> Estimate:
        """Measure as many generated clips as there are real ones."""
        feature = self.metric.feature
        compare = self.metric.compare(self.reference.features[feature], generated.features[feature])
        everything = np.ones(len(self.reference.videos), bool)
        value = compare(everything, everything)
        halves = [compare(*cut) for cut in self._cuts(generated)]
        scale = self._scale(value, self.real, self.damaged)
        margin = scale_margin = None
        if halves:
            margin = _NORMAL_95 * float(np.std(halves))
            scales = [
                self._scale(half, real, damaged)
                for half, (real, damaged) in zip(halves, self._halves, strict=True)
            ]
            seen = [one for one in scales if one is not None]
            scale_margin = _NORMAL_95 * float(np.std(seen)) if len(seen) > 1 else None
        return Estimate(
            value=value,
            low=_minus(value, margin),
            high=_plus(value, margin),
            real=self.real,
            damaged=self.damaged,
            scale=scale,
            scale_low=_minus(scale, scale_margin),
            scale_high=_plus(scale, scale_margin),
        )

    def _cuts(self, other: Sample) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return pairs of halves: of the reference, and of the other sample. They are the same in each call.

        The spread of a mean over random halves without repetition is that of the mean over all clips (the delete-half
        jackknife; Shao and Wu, Annals of Statistics, 1989). Clips drawn twice would change distances.
        """
        if len(self.reference.videos) < MIN_CLIPS:
            return []
        first, second = (
            _halves(sample.videos.astype(np.int64).tobytes(), self._seed, side)
            for side, sample in enumerate((self.reference, other))
        )
        return list(zip(first, second, strict=True))

    def _scale(self, value: float, real: float, damaged: float) -> float | None:
        return (value - real) / (damaged - real) if damaged != real else None


@functools.lru_cache(maxsize=64)  # all metrics use the same halves, and all mixtures
def _halves(videos: bytes, seed: int, side: int) -> list[np.ndarray]:
    """Return _HALVES random halves of clips whose videos are `videos`, int64: [N] bool each."""
    random = np.random.default_rng([seed, side])
    return [half_of(np.frombuffer(videos, np.int64), random) for _ in range(_HALVES)]


def _minus(value: float | None, margin: float | None) -> float | None:
    return None if value is None or margin is None else value - margin


def _plus(value: float | None, margin: float | None) -> float | None:
    return None if value is None or margin is None else value + margin
