"""Sliced Wasserstein distances between two sets of clips. They need no trained weights. Pure numpy.

The vectors of both sets are projected on random directions. The exact Wasserstein-1 distances along these directions
are averaged (Rabin et al., "Wasserstein barycenter and its application to texture mixing", 2011). The vectors are whole
frames, slices over time, or patches. These distances are not FVD.
"""

from __future__ import annotations

import numpy as np

NUM_PROJECTIONS = 128
NUM_PATCH_PROJECTIONS = 64  # fewer, because patches are many and measured at each checkpoint
PATCH_FRAMES, PATCH_SIZE = 2, 4


def sliced_wasserstein(first: np.ndarray, second: np.ndarray, seed: int) -> float:
    """Return the mean Wasserstein-1 distance along NUM_PROJECTIONS random directions.

    Args:
        first: [N, D].
        second: [M, D].
        seed: Seed of the directions, unit vectors in D dimensions.

    Returns:
        A distance in the unit of the values, 0 for equal sets. It is about 0.8 g for images that differ by g in each
        value. Finite samples of the same distribution have a distance above 0.
    """
    directions = random_directions(first.shape[1], seed)
    return projected_wasserstein(first @ directions, second @ directions)


def sliced_wasserstein_patches(first: np.ndarray, second: np.ndarray, seed: int) -> float:
    """Return the distance of patches of PATCH_FRAMES successive frames. It compares looks and motion, not positions.

    The method is that of arXiv:1710.10196, section 5, at one scale. The result is noisy for sets of one batch.

    Args:
        first: [N, T, h, w, 3] float32, downsampled. h and w are at least PATCH_SIZE.
        second: [M, T, h, w, 3] float32, downsampled.
        seed: Seed of the directions.
    """
    size = patch_vectors(first[:1]).shape[1]
    directions = random_directions(size, seed, NUM_PATCH_PROJECTIONS).astype(np.float32)
    # One clip at a time, because patches of all clips would take 96 times the memory of the clips.
    projected = (
        np.concatenate([patch_vectors(clip[np.newaxis]) @ directions for clip in clips])
        for clips in (first, second)
    )
    return projected_wasserstein(*projected)


def random_directions(dimension: int, seed: int, count: int = NUM_PROJECTIONS) -> np.ndarray:
    """Return unit vectors, uniform on the sphere, as columns: [dimension, count] float64."""
    directions = np.random.default_rng(seed).standard_normal((dimension, count))
    return directions / np.linalg.norm(directions, axis=0)


def projected_wasserstein(first: np.ndarray, second: np.ndarray) -> float:
    """[N, P], [M, P] projections -> mean Wasserstein-1 distance over the P directions."""
    return float(np.mean([wasserstein_1(*pair) for pair in zip(first.T, second.T, strict=True)]))


def wasserstein_1(first: np.ndarray, second: np.ndarray) -> float:
    """[N], [M] -> exact Wasserstein-1 distance of two samples, which is the area between their CDFs."""
    first, second = np.sort(first), np.sort(second)
    if len(first) == len(second):
        return float(np.mean(np.abs(first - second)))
    values = np.sort(np.concatenate([first, second]))
    first_cdf = np.searchsorted(first, values[:-1], side="right") / len(first)
    second_cdf = np.searchsorted(second, values[:-1], side="right") / len(second)
    return float(np.sum(np.abs(first_cdf - second_cdf) * np.diff(values)))


def frame_vectors(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * T, h * w * 3]: each frame is a vector, so time plays no role."""
    return clips.reshape(clips.shape[0] * clips.shape[1], -1)


def xt_slices(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * h, T * w * 3]: each row of pixels over time is a vector."""
    rows = clips.transpose(0, 2, 1, 3, 4)
    return rows.reshape(rows.shape[0] * rows.shape[1], -1)


def yt_slices(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * w, T * h * 3]: each column of pixels over time is a vector."""
    columns = clips.transpose(0, 3, 1, 2, 4)
    return columns.reshape(columns.shape[0] * columns.shape[1], -1)


def patch_vectors(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [M, D]: all patches of min(PATCH_FRAMES, T) x PATCH_SIZE x PATCH_SIZE."""
    patch = (min(PATCH_FRAMES, clips.shape[1]), PATCH_SIZE, PATCH_SIZE, clips.shape[4])
    windows = np.lib.stride_tricks.sliding_window_view(clips, (1, *patch))
    return windows.reshape(-1, int(np.prod(patch)))
