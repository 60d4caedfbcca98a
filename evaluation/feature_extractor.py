"""Computes all features of clips, with the embedding and the principal components of the real training clips."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from mocogan.data.progress import Progress, progress
from mocogan.evaluation.clip_features import (
    NEIGHBORHOOD,
    NEIGHBORHOOD_FEATURES,
    clip_features,
)
from mocogan.evaluation.feature_cache import FeatureCache, digest
from mocogan.evaluation.features.frame_embedding import FrameEmbedding
from mocogan.evaluation.features.principal_components import PrincipalComponents
from mocogan.evaluation.samples import Sample


class VideoClips(NamedTuple):
    """Real clips with the number of their video."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    videos: np.ndarray  # [N]


class FeatureExtractor:
    """Computes features, or finds them in the cache. The same clips give the same values."""

    def __init__(
        self, training: VideoClips, cache: FeatureCache, *, embedding_steps: int, seed: int = 0
    ) -> None:
        """Train the embedding, and measure the training clips.

        Args:
            training: Real clips that the embedding and the principal components come from.
            cache: Where features are kept.
            embedding_steps: Steps of training of the frame embedding. 0: no embedding.
            seed: Seed of the training.
        """
        self._cache = cache
        self.embedding: FrameEmbedding | None = None
        self._embedding_key = "none"
        if embedding_steps and len(np.unique(training.videos)) > 1:
            self._embedding_key = f"{digest(*training)} {embedding_steps} {seed}"
            weights = cache.get(
                f"embedding {self._embedding_key}",
                lambda: FrameEmbedding.train(*training, embedding_steps, seed).weights(),
            )
            self.embedding = FrameEmbedding(weights, training.clips.shape[2:])
        with progress("measuring training clips", len(training.clips), "clips") as bar:
            features = self._features(training.clips, None, bar)
        self._components = PrincipalComponents.fit(features, NEIGHBORHOOD_FEATURES)
        self.training = Sample(self._with_neighborhood(features), training.videos)

    def __call__(
        self, clips: np.ndarray, bar: Progress, names: Collection[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Return features of clips [N, T, H, W, 3] uint8, each [N, ...].

        Args:
            clips: The clips.
            bar: Receiver of progress, in clips.
            names: Features to compute. None: all.
        """
        if names is None or NEIGHBORHOOD in names:
            needed = None if names is None else {*names, *NEIGHBORHOOD_FEATURES} - {NEIGHBORHOOD}
            return self._with_neighborhood(self._features(clips, needed, bar))
        return self._features(clips, names, bar)

    def _features(
        self, clips: np.ndarray, names: Collection[str] | None, bar: Progress
    ) -> dict[str, np.ndarray]:
        measured = 0

        def advance(count: int) -> None:
            nonlocal measured
            measured += count
            bar.advance(count)

        wanted = "all" if names is None else ",".join(sorted(names))
        features = self._cache.get(
            f"features {wanted} {self._embedding_key} {digest(clips)}",
            lambda: clip_features(clips, self.embedding, names, advance),
        )
        if not measured:  # the cache had them
            advance(len(clips))
        return features

    def _with_neighborhood(self, features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return features | {NEIGHBORHOOD: self._components(features)}
