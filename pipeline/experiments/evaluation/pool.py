"""Features of a pool of real clips, as they are and with each damage. All trials draw from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mocogan.data.input.selected_clips import RealClips
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
    """Disjoint groups of N real clips. No video is in two groups."""

    sides: dict[str, RealSide]  # the reference against other real clips, by metric
    candidate: np.ndarray  # indices of clips in the pool, [N]
    baseline: Sample  # real clips, as a model would generate them


class Pool:
    """Features of clips of the same data set, [M] of each damage."""

    def __init__(
        self,
        real: RealClips,
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

    def largest_group(self, groups: int) -> int:
        """Return the largest N for which `groups` disjoint groups of N clips exist."""
        return len(self.videos) // groups - int(np.bincount(self.videos).max())

    def trial(self, count: int, random: np.random.Generator, groups: int = 4) -> Trial:
        """Draw groups of `count` clips: a reference, a candidate, a baseline, and other real clips."""
        parts = disjoint_groups(self.videos, count, groups, random)
        reference = self.real.part(parts[0])
        others = [self.real.part(part) for part in parts[3:]]
        seed = int(random.integers(2**31))
        sides = {
            metric.name: RealSide(
                metric, reference, others, self.damaged[metric.damage].part(parts[3]), seed
            )
            for metric in self.metrics
        }
        return Trial(sides, parts[1], as_generated(self.real.part(parts[2])))

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
    videos: np.ndarray, count: int, groups: int, random: np.random.Generator
) -> list[np.ndarray]:
    """Return `groups` disjoint sets of `count` clips. Each takes whole videos, in random order."""
    _, numbers = np.unique(videos, return_inverse=True)
    order = random.permutation(numbers.max() + 1)
    by_video = np.argsort(order[numbers], kind="stable")
    parts, start = [], 0
    for _ in range(groups):
        parts.append(by_video[start : start + count])
        start += count
        # The rest of a video that was cut belongs to no group.
        while start < len(by_video) and videos[by_video[start]] == videos[by_video[start - 1]]:
            start += 1
    assert len(parts[-1]) == count, "the pool is too small"
    return parts
