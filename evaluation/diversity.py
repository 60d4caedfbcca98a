"""How far clips are from each other, and from the nearest of other clips. Pure numpy."""

from __future__ import annotations

import numpy as np

_SAME_CLIP = 1.0  # gray levels: two real clips nearer than this are one clip seen twice


def mean_pairwise_distance(clips: np.ndarray) -> float:
    """[N, ...] float32 -> mean root mean square difference over the pairs of clips; 0 for N < 2."""
    flat = clips.reshape(len(clips), -1)
    distances = [_distances(clip, flat[index + 1 :]) for index, clip in enumerate(flat[:-1])]
    return float(np.mean(np.concatenate(distances))) if distances else 0.0


def nearest_distance(clips: np.ndarray, others: np.ndarray) -> float:
    """[N, ...], [M, ...] float32 -> mean root mean square difference of a clip from the nearest of `others`."""
    flat = others.reshape(len(others), -1)
    return float(np.mean([_distances(clip, flat).min() for clip in clips.reshape(len(clips), -1)]))


def nearest_neighbor_distance(clips: np.ndarray) -> float | None:
    """[N, ...] float32 -> mean root mean square difference of a clip from the nearest other one.

    Clips less than one gray level apart are the same clip and no neighbors. Clips without a neighbor are left out; None
    where no clip has one.
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
    # Differences, not products: those of nearly equal clips would drown in rounding.
    return np.sqrt(np.mean(np.square(others - clip), axis=1))
