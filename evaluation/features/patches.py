"""Small space-time patches at several scales: texture and motion, wherever they are in the frame.

Each frame is divided into bands of a Laplacian pyramid, as in the sliced Wasserstein distance of Karras et al.
(arXiv:1710.10196, section 5). Patches are not normalized, because the patches of a plain background are constant.
"""

from __future__ import annotations

import numpy as np

from mocogan.evaluation.distances.sliced import random_directions
from mocogan.evaluation.features.per_clip import per_clip

PATCH = (4, 7, 7)  # frames, height, width
NUM_PATCHES = 16  # per clip and band, at random places
NUM_DIRECTIONS = 32
_SMALLEST_BAND = 16  # pixels
_KERNEL = np.array([1, 4, 6, 4, 1], np.float32) / 16  # Burt and Adelson, 1983


def num_bands(height: int, width: int) -> int:
    """Return the number of bands: one for each exact halving down to 16 pixels."""
    count = 1
    while height % 2 == width % 2 == 0 and min(height, width) // 2 >= _SMALLEST_BAND:
        count, height, width = count + 1, height // 2, width // 2
    return count


def patch_projections(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """Project random patches of each clip on random directions.

    Args:
        clips: [N, T, H, W, 3] uint8.
        seed: Seed of places and directions. Both are the same for each clip.

    Returns:
        [N, B, K, P] float32 in gray levels: B bands (finest first), K patches, P directions.
    """
    bands = num_bands(*clips.shape[2:4])
    size = [min(most, length) for most, length in zip(PATCH, clips.shape[1:4], strict=True)]
    directions = random_directions(int(np.prod(size)) * clips.shape[4], seed, NUM_DIRECTIONS)

    def project(clip: np.ndarray) -> np.ndarray:
        random = np.random.default_rng(seed)
        return np.stack([_patches(band, size, random) for band in _laplacian(clip, bands)])

    return per_clip(lambda clip: project(clip) @ directions, clips)


def _patches(band: np.ndarray, size: list[int], random: np.random.Generator) -> np.ndarray:
    """[T, h, w, 3] -> [K, D]: K patches at random places."""
    windows = np.lib.stride_tricks.sliding_window_view(band, (*size, band.shape[3]))
    places = tuple(random.integers(length, size=NUM_PATCHES) for length in windows.shape[:3])
    return windows[places].reshape(NUM_PATCHES, -1)


def _laplacian(clip: np.ndarray, bands: int) -> list[np.ndarray]:
    """[T, H, W, 3] uint8 -> bands of the pyramid [T, h, w, 3] float32. The last one is the smallest picture."""
    picture, result = clip.astype(np.float32), []
    for _ in range(bands - 1):
        smaller = _blur(picture)[:, ::2, ::2]
        result.append(picture - _blur(smaller.repeat(2, axis=1).repeat(2, axis=2)))
        picture = smaller
    return [*result, picture]


def _blur(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[1:3]
    padded = np.pad(picture, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    rows = _weighted([padded[:, start : start + height] for start in range(len(_KERNEL))])
    return _weighted([rows[:, :, start : start + width] for start in range(len(_KERNEL))])


def _weighted(shifted: list[np.ndarray]) -> np.ndarray:
    """Apply the kernel. It is symmetric, so its outer parts are added first."""
    first, second, middle, fourth, fifth = shifted
    return (first + fifth) * _KERNEL[0] + (second + fourth) * _KERNEL[1] + middle * _KERNEL[2]
