"""How each clip moves. Distributions of these values are compared, because a frozen clip is not the best one."""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.features.cells import cell_means
from mocogan.evaluation.features.luminance import luminance
from mocogan.evaluation.features.per_clip import per_clip
from mocogan.evaluation.motion import frame_differences

_SPECTRUM_SIZE = 16  # cells per side, so that pixel noise does not count as a frequency


def change(clips: np.ndarray) -> np.ndarray:
    """Return the mean absolute difference of successive frames: [N, T, H, W, 3] uint8 -> [N] float32, gray levels."""
    return frame_differences(clips).mean(axis=1).astype(np.float32)


def taken_back(clips: np.ndarray) -> np.ndarray:
    """Return the share of change that the next frame takes back. Flicker and jitter raise it.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 3.

    Returns:
        [N] float32 in [0, 1]. 0 if nothing changes, 1 for two frames in turn.
    """
    return per_clip(_taken_back, clips)


def high_frequency(clips: np.ndarray) -> np.ndarray:
    """Return the share of the temporal spectrum above half of the Nyquist frequency, without the mean.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N] float32 in [0, 1]. 0 if nothing changes, about 1/2 for independent frames.
    """
    return per_clip(_high_frequency, clips)


def sharpness(clips: np.ndarray) -> np.ndarray:
    """Return the mean absolute Laplacian of the luminance: [N, T, H, W, 3] uint8 -> [N] float32, gray levels."""
    return per_clip(_sharpness, clips)


def displacement(clips: np.ndarray) -> np.ndarray:
    """Return how far the place of change moves: from the first third of the clip to its last third.

    Args:
        clips: [N, T, H, W, 3] uint8, T >= 2.

    Returns:
        [N, 2] float32 (down, right), as shares of the frame's side in [-1, 1]. 0 if nothing changes.
    """
    return per_clip(_displacement, clips)


def _taken_back(clip: np.ndarray) -> np.floating:
    steps = np.diff(clip.astype(np.int16), axis=0)
    before, after = steps[:-1], steps[1:]
    opposite = (before < 0) != (after < 0)
    smaller = np.minimum(np.abs(before), np.abs(after))
    total = (np.abs(before).sum() + np.abs(after).sum()) / 2
    return np.float32((smaller * opposite).sum() / total if total else 0)


def _high_frequency(clip: np.ndarray) -> np.floating:
    cells = cell_means(luminance(clip), {1: _SPECTRUM_SIZE, 2: _SPECTRUM_SIZE})
    power = np.square(np.abs(np.fft.rfft(cells, axis=0)[1:])).sum(axis=(1, 2))
    total = power.sum()
    half = len(clip) // 4  # rfft has len // 2 frequencies above 0
    return np.float32(power[half:].sum() / total if total > 1e-6 else 0)


def _sharpness(clip: np.ndarray) -> np.floating:
    light = luminance(clip)
    center = 4 * light[:, 1:-1, 1:-1]
    around = light[:, :-2, 1:-1] + light[:, 2:, 1:-1] + light[:, 1:-1, :-2] + light[:, 1:-1, 2:]
    return np.float32(np.abs(center - around).mean(dtype=np.float64))


def _displacement(clip: np.ndarray) -> np.ndarray:
    changes = np.abs(np.diff(luminance(clip), axis=0))
    third = max(1, len(changes) // 3)
    first, last = _center(changes[:third].sum(axis=0)), _center(changes[-third:].sum(axis=0))
    if first is None or last is None:
        return np.zeros(2, np.float32)
    return (last - first).astype(np.float32)


def _center(weights: np.ndarray) -> np.ndarray | None:
    total = weights.sum(dtype=np.float64)
    if total <= 0:
        return None
    places = (np.arange(length) / length for length in weights.shape)
    sums = weights.sum(axis=1), weights.sum(axis=0)
    return np.array([place @ part for place, part in zip(places, sums, strict=True)]) / total
