"""Patch distance: how far small patches of generated clips are from real ones, in texture and motion."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.clip_features import PATCHES
from mocogan.evaluation.distances.sliced import compare_by_wasserstein
from mocogan.evaluation.features.patches import patch_projections
from mocogan.evaluation.metric import SampleMetric

METRICS = tuple(
    SampleMetric(
        f"patch_distance_{band}",
        unit="gray levels",
        direction="lower",
        protocol=f"sliced Wasserstein-1 distance of patches of 4 x 7 x 7, band {band} of the Laplacian pyramid",
        feature=PATCHES.format(band),
        compare=compare_by_wasserstein,
        damage="mean_clip",
    )
    for band in (1, 2, 3)
)


def patch_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean distance over all bands, as a rough and cheap measure during training.

    Args:
        first: [N, T, H, W, 3] uint8.
        second: [N, T, H, W, 3] uint8.

    Returns:
        Gray levels, 0 for equal clips. Finite samples of the same distribution have a distance above 0.
    """
    everything = np.ones(len(first), bool)
    pairs = zip(*(np.moveaxis(patch_projections(c), 1, 0) for c in (first, second)), strict=True)
    distances = [compare_by_wasserstein(*pair)(everything, everything) for pair in pairs]
    return float(np.mean(distances))
