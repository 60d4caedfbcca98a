"""Sliced Wasserstein distances: both samples are projected on random directions and compared in sorted order.

With features, times 3 D and with the power 2, the distance is MIND (Berthet et al., arXiv:2605.06797).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.evaluation.distances.comparison import Comparison, remembered

NUM_DIRECTIONS = 256
_SEED = 0  # fixed, so that values of different runs can be compared


def random_directions(dimension: int, seed: int, count: int = NUM_DIRECTIONS) -> np.ndarray:
    """Return unit vectors, uniform on the sphere, as columns: [dimension, count] float32."""
    directions = np.random.default_rng(seed).standard_normal((dimension, count))
    return (directions / np.linalg.norm(directions, axis=0)).astype(np.float32)


class SortedProjections(NamedTuple):
    """Projections of N clips, sorted along each direction, so that a part of the clips needs no sorting."""

    values: np.ndarray  # [P, N * K] float32, ascending in each row
    clips: np.ndarray  # [P, N * K] int32, the clip of each value

    @classmethod
    def of(cls, projected: np.ndarray) -> SortedProjections:
        """Sort the projections of K vectors of each clip on P directions: [N, K, P] float32."""
        vectors, directions = projected.shape[1:]
        flat = projected.reshape(-1, directions).T
        order = np.argsort(flat, axis=1, kind="stable")
        return cls(np.take_along_axis(flat, order, axis=1), (order // vectors).astype(np.int32))

    def part(self, chosen: np.ndarray) -> np.ndarray:
        """Return the sorted values of the chosen clips: [N] bool -> [P, n * K] float32."""
        return self.values[chosen[self.clips]].reshape(len(self.values), -1)


def mean_gap(first: np.ndarray, second: np.ndarray, power: int) -> float:
    """Average |first - second| ** power of sorted values, [P, M] both."""
    gaps = np.abs(first - second)
    return float(np.mean(gaps if power == 1 else np.square(gaps), dtype=np.float64))


def compare_by_mind(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare MIND of features [N, D] and [M, D]."""
    directions = random_directions(real.shape[1], _SEED)
    pair = [SortedProjections.of((sample @ directions)[:, None]) for sample in (real, other)]
    scale = 3 * real.shape[1]
    real_part = remembered(pair[0].part)
    return lambda of_real, of_other: (
        scale * mean_gap(real_part(of_real), pair[1].part(of_other), power=2)
    )


def compare_by_wasserstein(real: np.ndarray, other: np.ndarray) -> Comparison:
    """Prepare the Wasserstein-1 distance of values [N] and [M].

    For projections of K vectors of each clip on P directions, [N, K, P] and [M, K, P], it is the mean over directions.
    """
    pair = [SortedProjections.of(_as_projections(sample)) for sample in (real, other)]
    real_part = remembered(pair[0].part)
    return lambda of_real, of_other: mean_gap(real_part(of_real), pair[1].part(of_other), power=1)


def _as_projections(sample: np.ndarray) -> np.ndarray:
    return sample if sample.ndim == 3 else sample[:, np.newaxis, np.newaxis]


def mind(first: np.ndarray, second: np.ndarray) -> float:
    """Return MIND: the mean squared gap of the sorted projections times 3 D.

    Args:
        first: Features of one sample, [N, D].
        second: Features of another sample of the same size, [N, D].

    Returns:
        A squared distance in the unit of the features, 0 for equal samples. Samples of the same distribution have a
        distance above 0, which shrinks as N grows. Compare only values of the same N.
    """
    assert first.shape == second.shape, (first.shape, second.shape)
    all_clips = np.ones(len(first), bool)
    return compare_by_mind(first, second)(all_clips, all_clips)
