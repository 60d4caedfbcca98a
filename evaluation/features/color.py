"""Colors of clips: histograms of 4 x 4 x 4 bins of RGB. They see color, but neither form nor place nor time."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.features.per_clip import per_clip

_BITS = 2  # of each channel, so 4 levels
NUM_BINS = 1 << 3 * _BITS


def color_histogram(clips: np.ndarray) -> np.ndarray:
    """Describe each clip by the square roots of the shares of its colors.

    Args:
        clips: [N, T, H, W, 3] uint8.

    Returns:
        [N, 64] float32 in [0, 1]. The squares of a row sum to 1.
    """
    return per_clip(lambda clip: np.sqrt(_shares(clip).mean(axis=0)).astype(np.float32), clips)


def color_change(clips: np.ndarray) -> np.ndarray:
    """Measure how much the colors of a clip change: the mean distance of two frames (ACD on color histograms).

    It is the average content distance of Tulyakov et al. (CVPR 2018, section 4.1), with histograms instead of the mean
    color of a shape, so that it applies to any data. The distance is Hellinger's. A frozen clip has 0, so compare the
    values with those of real clips.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N] float32 in [0, 1], the mean over all pairs of frames.
    """
    return per_clip(_color_change, clips)


def _color_change(clip: np.ndarray) -> np.floating:
    roots = np.sqrt(_shares(clip))
    first, second = np.triu_indices(len(roots), k=1)
    overlap = np.einsum("pb,pb->p", roots[first], roots[second])
    # Rounding can make the overlap of equal frames differ from 1.
    equal = (roots[first] == roots[second]).all(axis=1)
    distances = np.sqrt(np.clip(1 - overlap, 0, 1)) * ~equal
    return np.float32(distances.mean())


def _shares(clip: np.ndarray) -> np.ndarray:
    """[T, H, W, 3] uint8 -> [T, 64] float64 shares of the colors in each frame."""
    levels = clip >> (8 - _BITS)
    bins = (levels[..., 0] << 2 * _BITS) | (levels[..., 1] << _BITS) | levels[..., 2]
    frames = bins.reshape(len(clip), -1)
    counts = np.stack([np.bincount(frame, minlength=NUM_BINS) for frame in frames])
    return counts / frames.shape[1]
