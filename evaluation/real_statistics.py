"""What an evaluation needs to know of real clips: their features, and the scale of each metric."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mocogan.data.progress import Progress, progress
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.estimate import RealSide
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import FeatureExtractor, VideoClips
from mocogan.evaluation.features.frame_embedding import FrameEmbedding, separation
from mocogan.evaluation.metric import SampleMetric
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.samples import Sample


class RealStatistics:
    """Features and scales of real clips. The same clips give the same values."""

    def __init__(
        self,
        reference: VideoClips,
        training: VideoClips,
        cache: FeatureCache,
        *,
        embedding_steps: int,
        seed: int = 0,
    ) -> None:
        """Compute or load all statistics.

        Args:
            reference: Held-out clips, [N]. Generated clips are compared with these.
            training: Clips of other videos, at least N. Each N of them are compared with the reference.
            cache: Where features are kept.
            embedding_steps: Steps of training of the frame embedding. 0: no embedding.
            seed: Seed of damages, halves and training.
        """
        count = len(reference.clips)
        assert len(training.clips) >= count >= 1, (len(training.clips), count)
        self._extract = FeatureExtractor(
            training, cache, embedding_steps=embedding_steps, seed=seed
        )
        others = [
            self._extract.training.part(slice(start, start + count))
            for start in range(0, len(training.clips) - count + 1, count)
        ]
        # Small frames have fewer bands of patches, and without an embedding there is no content.
        available = self._extract.training.features
        metrics = [metric for metric in SAMPLE_METRICS.values() if metric.feature in available]
        needed = _needed_features(metrics)
        with progress("measuring real clips", count * (1 + len(needed)), "clips") as bar:
            self.reference = Sample(self._extract(reference.clips, bar), reference.videos)
            clips = training.clips[:count]
            damaged = {
                name: Sample(self._damaged(name, clips, features, seed, bar), others[0].videos)
                for name, features in needed.items()
            }
        self.sides = {
            metric.name: RealSide(metric, self.reference, others, damaged[metric.damage], seed)
            for metric in metrics
        }
        self.separation = self._separation(reference, seed)

    @property
    def embedding(self) -> FrameEmbedding | None:
        """The frame embedding, or None if it was not trained."""
        return self._extract.embedding

    def sample(self, clips: np.ndarray, what: str) -> Sample:
        """Measure the features of generated clips [N, T, H, W, 3] uint8. Each clip counts as a video of its own."""
        with progress(f"measuring {what}", len(clips), "clips") as bar:
            return Sample(self._extract(clips, bar), np.arange(len(clips)))

    def _damaged(
        self, name: str, clips: np.ndarray, features: set[str], seed: int, bar: Progress
    ) -> dict[str, np.ndarray]:
        damaged = DAMAGES[name].function(clips, np.random.default_rng(seed))
        return self._extract(damaged, bar, features)

    def _separation(self, reference: VideoClips, seed: int) -> float | None:
        """How well the embedding tells held-out clips apart, see `frame_embedding.separation`."""
        if self.embedding is None or len(np.unique(reference.videos)) < 2:
            return None
        return separation(self.embedding(reference.clips), reference.videos, seed)


def _needed_features(metrics: Iterable[SampleMetric]) -> dict[str, set[str]]:
    """Return for each damage the features that metrics with this damage need."""
    needed: dict[str, set[str]] = {}
    for metric in metrics:
        needed.setdefault(metric.damage, set()).add(metric.feature)
    return needed
