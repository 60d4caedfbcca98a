"""Distances between clips, and distances to the nearest clip of another set. Pure numpy."""

from __future__ import annotations

import numpy as np

_SAME_CLIP = 1.0  # gray levels: two closer real clips count as the same clip


def mean_pairwise_distance(clips: np.ndarray) -> float:
    """[N, ...] float32 -> root mean square difference, averaged over the pairs of clips. 0 for N < 2."""
    flat = clips.reshape(len(clips), -1)
    distances = [_distances(clip, flat[index + 1 :]) for index, clip in enumerate(flat[:-1])]
    return float(np.mean(np.concatenate(distances))) if distances else 0.0


def nearest_distance(clips: np.ndarray, others: np.ndarray) -> float:
    """[N, ...], [M, ...] float32 -> root mean square difference from the nearest of `others`, averaged over clips."""
    flat = others.reshape(len(others), -1)
    return float(np.mean([_distances(clip, flat).min() for clip in clips.reshape(len(clips), -1)]))


def nearest_neighbor_distance(clips: np.ndarray) -> float | None:
    """[N, ...] float32 -> root mean square difference from the nearest other clip, averaged over clips.

    Clips less than one gray level apart count as the same clip, not as neighbors. Clips without a neighbor are left
    out. The result is None if no clip has a neighbor.
    """
    flat = clips.reshape(len(clips), -1)
    nearest = []
    for clip in flat:
        distances = _distances(clip, flat)
        others = distances[distances >= _SAME_CLIP]
        if len(others):
            nearest.append(others.min())
    return float(np.mean(nearest)) if nearest else None


def _distances(clip: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[D], [M, D] -> [M]."""
    # Expanding the square into products would lose precision for nearly equal clips.
    return np.sqrt(np.mean(np.square(others - clip), axis=1))
