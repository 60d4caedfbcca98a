"""Distances between clips in feature space, and what their nearest neighbors say: coverage, density, copies."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.distances.comparison import Comparison, remembered

NUM_NEIGHBORS = 5  # as in the paper of coverage and density


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[N, D], [M, D] float32 -> [N, M] float32, Euclidean. Equal rows have exactly 0."""
    squares = (
        np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1) - 2 * first @ second.T
    )
    result = np.sqrt(np.maximum(squares, 0))
    # Products lose precision for nearly equal rows, so these are computed again.
    near = np.argwhere(squares < 1e-4 * np.square(first).sum(axis=1)[:, None])
    for start in range(0, len(near), 4096):
        one, two = near[start : start + 4096].T
        result[one, two] = np.sqrt(np.square(first[one] - second[two]).sum(axis=1))
    return result


def coverage(real: np.ndarray, between: np.ndarray) -> float:
    """Return the share of real clips with a generated clip among their nearest neighbors (Naeem, arXiv:2002.09797).

    Args:
        real: Distances of the real clips, [N, N].
        between: Distances from real to generated clips, [N, M].

    Returns:
        A share in [0, 1]. It is near 1 for samples of the same distribution and falls as modes are lost.
    """
    return float((between.min(axis=1) < neighborhood_radius(real)).mean())


def density(real: np.ndarray, between: np.ndarray) -> float:
    """Return how many real neighborhoods a generated clip lies in, relative to the number of neighbors.

    Args:
        real: Distances of the real clips, [N, N].
        between: Distances from real to generated clips, [N, M].

    Returns:
        A value of at least 0, about 1 for samples of the same distribution (Naeem, arXiv:2002.09797). A generator of a
        few good clips has a value around 1 too.
    """
    neighbors = max(1, min(NUM_NEIGHBORS, len(real) - 1))
    inside = between < neighborhood_radius(real)[:, None]
    return float(inside.sum(axis=0).mean() / neighbors)


def distinct_share(own: np.ndarray, same: float) -> float:
    """Return the share of clips that differ from all clips before them.

    Args:
        own: Distances of the clips, [N, N].
        same: Two clips count as the same up to this distance.

    Returns:
        A share in (0, 1], 1 if no clip occurs twice.
    """
    repeated = np.tril(own <= same, k=-1).any(axis=1)
    return float(1 - repeated.mean())


def neighborhood_radius(real: np.ndarray) -> np.ndarray:
    """Return the distance of each real clip to its k-th nearest other real clip: distances [N, N] -> [N]."""
    neighbors = min(NUM_NEIGHBORS, len(real) - 1)
    return np.partition(real, neighbors, axis=1)[:, neighbors]  # the nearest one is the clip itself


def compare_by_coverage(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare the coverage of features [N, D] by features [M, D]."""
    own, between = distances(real, real), distances(real, other)
    real_part = remembered(lambda chosen: own[np.ix_(chosen, chosen)])
    return lambda of_real, of_other: coverage(
        real_part(of_real), between[np.ix_(of_real, of_other)]
    )


def compare_by_density(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare the density of features [M, D] among features [N, D]."""
    own, between = distances(real, real), distances(real, other)
    real_part = remembered(lambda chosen: own[np.ix_(chosen, chosen)])
    return lambda of_real, of_other: density(real_part(of_real), between[np.ix_(of_real, of_other)])


def compare_by_distinct_share(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare the share of distinct clips among thumbnails [M, D].

    Clips count as the same below a quarter of the median distance of a real clip to its nearest different real clip.
    """
    own = distances(real, real)
    np.fill_diagonal(own, np.inf)
    nearest_real = np.where(own > 0, own, np.inf).min(axis=1)
    finite = nearest_real[np.isfinite(nearest_real)]
    same = np.median(finite) / 4 if len(finite) else 0.0
    others = distances(other, other)
    return lambda of_real, of_other: distinct_share(others[np.ix_(of_other, of_other)], same)
