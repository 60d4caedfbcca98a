"""Principal components of several features together, for metrics of nearest neighbors.

Neighborhoods mean little in a thousand dimensions (arXiv:2306.09618), so the features are reduced first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

NUM_COMPONENTS = 32


class PrincipalComponents(NamedTuple):
    """A fitted projection of several features. Each feature has the same total variance, if it varies visibly."""

    names: tuple[str, ...]
    means: tuple[np.ndarray, ...]
    scales: tuple[float, ...]
    axes: np.ndarray  # [D, C]

    @classmethod
    def fit(
        cls, features: Mapping[str, np.ndarray], least_spreads: Mapping[str, float]
    ) -> PrincipalComponents:
        """Fit to the features [N, ...] of real training clips.

        Args:
            features: Features by name.
            least_spreads: The features to use. A feature that spreads less than its value here counts less.
        """
        names = tuple(least_spreads)
        means = tuple(features[name].mean(axis=0) for name in names)
        centered = [features[name] - mean for name, mean in zip(names, means, strict=True)]
        spreads = [np.sqrt(np.square(part).sum(axis=1).mean()) for part in centered]
        limits = zip(spreads, least_spreads.values(), strict=True)
        scales = tuple(float(1 / max(spread, least)) for spread, least in limits)
        joined = np.concatenate([p * s for p, s in zip(centered, scales, strict=True)], axis=1)
        _, _, axes = np.linalg.svd(joined, full_matrices=False)
        return cls(names, means, scales, axes[:NUM_COMPONENTS].T.astype(np.float32))

    def __call__(self, features: Mapping[str, np.ndarray]) -> np.ndarray:
        """Project features [N, ...] -> [N, C] float32, C <= 32."""
        parts = zip(self.names, self.means, self.scales, strict=True)
        joined = [(features[name] - mean) * scale for name, mean, scale in parts]
        return (np.concatenate(joined, axis=1) @ self.axes).astype(np.float32)
