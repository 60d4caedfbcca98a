"""Distances between real and generated clips that need no trained weights.

Clips are uint8 [N, T, H, W, 3]. All distances are in grey levels (0 to 255), and each is a function
of its arguments alone: the same clips and seed give the same figure. None of them is FVD.
"""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

# Small enough that random projections see the picture and not its noise.
POOLED_SIZE = 16
NUM_PROJECTIONS = 128
# Below this a mean distance or difference, in grey levels, is none: such clips are equal or still.
NEGLIGIBLE = 1e-3


class ClipDistances(BaseModel):
    """How far generated clips are from real ones. Wasserstein distances: grey levels, 0 is best."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sliced_wasserstein_frames: float
    sliced_wasserstein_xt: float
    sliced_wasserstein_yt: float
    sliced_wasserstein: float  # mean of the three above
    wasserstein_motion: float
    motion_ratio: float | None  # None where the real clips do not move
    diversity_ratio: float | None  # None where the real clips are one, or all equal
    brightness_real: float  # mean grey level
    brightness_generated: float


def clip_distances(real: np.ndarray, generated: np.ndarray, seed: int) -> ClipDistances:
    """[N, T, H, W, 3], [M, T, H, W, 3] uint8 -> all figures of this module.

    Distances between finite samples are above 0 even for samples of one distribution: compare them
    with `floor_distances`, or with those of another model on the same real clips.
    """
    real_pooled, generated_pooled = pool(real), pool(generated)
    frames, xt, yt = (
        sliced_wasserstein(vectors(real_pooled), vectors(generated_pooled), seed)
        for vectors in (frame_vectors, xt_slices, yt_slices)
    )
    real_motion, generated_motion = motion_magnitudes(real), motion_magnitudes(generated)
    return ClipDistances(
        sliced_wasserstein_frames=frames,
        sliced_wasserstein_xt=xt,
        sliced_wasserstein_yt=yt,
        sliced_wasserstein=(frames + xt + yt) / 3,
        wasserstein_motion=wasserstein_1(real_motion, generated_motion),
        motion_ratio=_ratio(float(generated_motion.mean()), float(real_motion.mean())),
        diversity_ratio=_ratio(
            mean_pairwise_distance(generated_pooled), mean_pairwise_distance(real_pooled)
        ),
        brightness_real=float(real.mean()),
        brightness_generated=float(generated.mean()),
    )


def floor_distances(real: np.ndarray, seed: int) -> ClipDistances:
    """The same figures of one random half of the real clips [N >= 2, ...] against the other.

    What a perfect generator would get, roughly: halves are smaller samples, which raises the
    distances, and clips of one video may lie in both, which lowers them.
    """
    order = np.random.default_rng(seed).permutation(len(real))
    middle = len(real) // 2
    return clip_distances(real[order[:middle]], real[order[middle:]], seed)


def pool(clips: np.ndarray) -> np.ndarray:
    """[N, T, H, W, 3] uint8 -> [N, T, h, w, 3] float32 area means, h and w at most POOLED_SIZE."""
    pooled = clips.astype(np.float32)
    for axis in (2, 3):
        length = clips.shape[axis]
        size = min(length, POOLED_SIZE)
        edges = np.arange(size + 1) * length // size
        shape = [1] * clips.ndim
        shape[axis] = size
        pooled = np.add.reduceat(pooled, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return pooled.astype(np.float32)


def frame_vectors(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * T, h * w * 3]: each frame by itself, blind to time."""
    return clips.reshape(clips.shape[0] * clips.shape[1], -1)


def xt_slices(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * h, T * w * 3]: what each row of pixels shows over time."""
    rows = clips.transpose(0, 2, 1, 3, 4)
    return rows.reshape(rows.shape[0] * rows.shape[1], -1)


def yt_slices(clips: np.ndarray) -> np.ndarray:
    """[N, T, h, w, 3] -> [N * w, T * h * 3]: what each column of pixels shows over time."""
    columns = clips.transpose(0, 3, 1, 2, 4)
    return columns.reshape(columns.shape[0] * columns.shape[1], -1)


def wasserstein_1(first: np.ndarray, second: np.ndarray) -> float:
    """[N], [M] -> the exact Wasserstein-1 distance of two samples: the area between their CDFs."""
    values = np.sort(np.concatenate([first, second]))
    first_cdf = np.searchsorted(np.sort(first), values[:-1], side="right") / len(first)
    second_cdf = np.searchsorted(np.sort(second), values[:-1], side="right") / len(second)
    return float(np.sum(np.abs(first_cdf - second_cdf) * np.diff(values)))


def sliced_wasserstein(first: np.ndarray, second: np.ndarray, seed: int) -> float:
    """[N, D], [M, D] -> the mean Wasserstein-1 distance along NUM_PROJECTIONS random directions.

    Rabin et al., "Wasserstein barycenter and its application to texture mixing" (2011). Directions
    have length 1 in D dimensions, so that pictures differing by g everywhere are about 0.8 g apart.
    """
    directions = np.random.default_rng(seed).standard_normal((first.shape[1], NUM_PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    pairs = zip((first @ directions).T, (second @ directions).T, strict=True)
    return float(np.mean([wasserstein_1(*pair) for pair in pairs]))


def motion_magnitudes(clips: np.ndarray) -> np.ndarray:
    """[N, T, H, W, 3] uint8 -> [N * (T - 1)] mean absolute difference of successive frames."""
    frames = clips.astype(np.int16)
    return np.abs(np.diff(frames, axis=1)).mean(axis=(2, 3, 4)).reshape(-1)


def mean_pairwise_distance(clips: np.ndarray) -> float:
    """[N, ...] float32 -> mean root mean square difference over pairs of clips; 0 for N < 2."""
    flat = clips.reshape(len(clips), -1)
    distances = [
        np.sqrt(np.mean(np.square(flat[index + 1 :] - clip), axis=1))
        for index, clip in enumerate(flat[:-1])
    ]
    return float(np.mean(np.concatenate(distances))) if distances else 0.0


def _ratio(generated: float, real: float) -> float | None:
    return generated / real if real > NEGLIGIBLE else None
