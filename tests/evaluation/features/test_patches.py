"""Patches of the bands of a Laplacian pyramid."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.distances.sliced import random_directions
from mocogan.evaluation.features.patches import (
    NUM_DIRECTIONS,
    NUM_PATCHES,
    PATCH,
    num_bands,
    patch_projections,
)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


BANDS = {
    (8, 8): 1,
    (16, 16): 1,
    (30, 30): 1,
    (32, 32): 2,
    (48, 48): 2,
    (64, 64): 3,
    (128, 128): 4,
    (64, 32): 2,
    (64, 33): 1,
    (32, 63): 1,
}


@pytest.mark.parametrize(("size", "bands"), BANDS.items())
def test_each_band_halves_the_frame_down_to_16_pixels(size: tuple[int, int], bands: int) -> None:
    assert num_bands(*size) == bands
    projections = patch_projections(noise(1, 5, *size))
    assert projections.shape == (1, bands, NUM_PATCHES, NUM_DIRECTIONS)
    assert projections.dtype == np.float32


def test_patches_of_a_constant_band_are_its_level_times_the_sums_of_the_directions() -> None:
    gray = np.full((1, 4, 32, 32, 3), 100, np.uint8)
    fine, coarse = patch_projections(gray, seed=5)[0]
    assert np.abs(fine).max() < 1e-3
    directions = random_directions(int(np.prod(PATCH)) * 3, 5, NUM_DIRECTIONS)
    np.testing.assert_allclose(
        coarse, np.tile(100 * directions.sum(axis=0), (NUM_PATCHES, 1)), rtol=1e-3, atol=1e-3
    )


def test_places_and_directions_are_the_same_for_each_clip_and_depend_on_the_seed() -> None:
    clips = noise(1, 6, 16, 16).repeat(2, axis=0)
    first, second = patch_projections(clips)
    assert (first == second).all()
    assert np.unique(first[0, :, 0]).size > 10  # of 16 patches, at random places
    assert (first != patch_projections(clips, seed=1)[0]).any()


def test_short_and_small_clips_have_smaller_patches() -> None:
    projections = patch_projections(noise(2, 2, 4, 5))
    assert projections.shape == (2, 1, NUM_PATCHES, NUM_DIRECTIONS)
    # One place: all patches are the whole clip.
    np.testing.assert_allclose(projections, projections[:, :, :1].repeat(16, axis=2), rtol=1e-4)


def test_noise_is_fine_and_smooth_light_is_coarse() -> None:
    ramp = np.broadcast_to(np.arange(0, 256, 8, dtype=np.uint8)[:, None], (1, 4, 32, 32, 3))
    fine, coarse = np.abs(patch_projections(np.ascontiguousarray(ramp))[0]).mean(axis=(1, 2))
    assert fine < coarse / 20
    fine, coarse = patch_projections(noise(1, 4, 32, 32))[0].std(axis=1).mean(axis=1)
    # A blur with the weights 1, 4, 6, 4, 1 over 16 leaves 70 / 256 of the noise's deviation.
    assert coarse == pytest.approx(255 / 12**0.5 * 70 / 256, rel=0.2)
    assert fine > 2.5 * coarse
