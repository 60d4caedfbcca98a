"""Features of a pool of real clips, as they are and with each damage. All trials draw from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mocogan.data.progress import progress
from mocogan.evaluation.damages import DAMAGES, Damage
from mocogan.evaluation.estimate import RealSide
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import FeatureExtractor, VideoClips
from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.samples import Sample

_TRAINING_SHARE = 0.25  # of the videos, for the frame embedding and the principal components


class Trial(NamedTuple):
    """Groups of N real clips. The reference, the other real clips, and the two models have no video in common."""

    sides: dict[str, RealSide]  # the reference against other real clips, by metric
    candidate: np.ndarray  # indices of clips in the pool, [N]
    baseline: Sample  # real clips, as a model would generate them


class Pool:
    """Features of clips of the same data set, [M] of each damage."""

    def __init__(
        self,
        real: VideoClips,
        cache: FeatureCache,
        embedding_steps: int,
        damages: Mapping[str, Damage] = DAMAGES,
        seed: int = 0,
    ) -> None:
        """Measure all clips with each damage, or find them in the cache.

        Args:
            real: Clips of one data set.
            cache: Where features are kept.
            embedding_steps: Steps of training of the frame embedding.
            damages: Damages by name, at least those of the scales.
            seed: Seed of damages, training, and of the videos to train on.
        """
        random = np.random.default_rng(seed)
        names = random.permutation(np.unique(real.videos))
        trained = np.isin(real.videos, names[: round(_TRAINING_SHARE * len(names))])
        training = VideoClips(real.clips[trained], real.videos[trained])
        extract = FeatureExtractor(training, cache, embedding_steps=embedding_steps, seed=seed)
        self.clips, self.videos = real.clips[~trained], real.videos[~trained]
        self.metrics: list[SampleMetric] = [
            m for m in SAMPLE_METRICS.values() if m.feature in extract.training.features
        ]
        self.damaged: dict[str, Sample] = {}
        total = len(self.clips) * (1 + len(damages))
        with progress("measuring clips with each damage", total, "clips") as bar:
            self.real = Sample(extract(self.clips, bar), self.videos)
            for name, damage in damages.items():
                clips = damage.function(self.clips, np.random.default_rng(seed))
                self.damaged[name] = Sample(extract(clips, bar), self.videos)
        self.extract = extract

    @property
    def largest_count(self) -> int:
        """The largest number of clips for which trials can be drawn."""
        return len(self.videos) // 4 - int(np.bincount(self.videos).max())

    def trial(self, count: int, random: np.random.Generator) -> Trial:
        """Draw a reference, a candidate, a baseline, and other real clips, `count` clips each.

        Candidate and baseline are two samples of the same videos, as two equal models are samples of one distribution.
        """
        first, models, second = disjoint_groups(self.videos, (count, 2 * count, count), random)
        candidate, baseline = np.split(random.permutation(models), 2)
        reference, other = self.real.part(first), self.real.part(second)
        seed = int(random.integers(2**31))
        sides = {
            metric.name: RealSide(
                metric, reference, [other], self.damaged[metric.damage].part(second), seed
            )
            for metric in self.metrics
        }
        return Trial(sides, candidate, as_generated(self.real.part(baseline)))

    def mixture(
        self, name: str, chosen: np.ndarray, share: float, random: np.random.Generator
    ) -> Sample:
        """Return the chosen clips as a model would generate them, a share of them with a damage."""
        damaged = random.permutation(len(chosen)) < round(share * len(chosen))
        features = {
            key: np.where(
                damaged.reshape(-1, *[1] * (array.ndim - 1)),
                self.damaged[name].features[key][chosen],
                array[chosen],
            )
            for key, array in self.real.features.items()
        }
        return Sample(features, np.arange(len(chosen)))


def as_generated(sample: Sample) -> Sample:
    """Clips of a model are independent, each like a video of its own."""
    return Sample(sample.features, np.arange(len(sample.videos)))


def disjoint_groups(
    videos: np.ndarray, counts: Sequence[int], random: np.random.Generator
) -> list[np.ndarray]:
    """Return sets of `counts` clips that have no video in common. Each takes whole videos, in random order."""
    _, numbers = np.unique(videos, return_inverse=True)
    order = random.permutation(numbers.max() + 1)
    by_video = np.argsort(order[numbers], kind="stable")
    parts, start = [], 0
    for count in counts:
        parts.append(by_video[start : start + count])
        start += count
        # The rest of a video that was cut belongs to no group.
        while start < len(by_video) and videos[by_video[start]] == videos[by_video[start - 1]]:
            start += 1
    assert len(parts[-1]) == counts[-1], "the pool is too small"
    return parts
