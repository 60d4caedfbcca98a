"""HOG3D sees direction and order, and is exact on a ramp."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.hog3d import NUM_DIRECTIONS, hog3d


def _moving_bar(step: int) -> np.ndarray:
    clip = np.zeros((1, 8, 8, 8, 3), np.uint8)
    for t in range(8):
        clip[0, t, :, (step * t) % 8] = 255
    return clip


def test_a_ramp_over_width_fills_one_direction_with_the_root_of_its_slope() -> None:
    clip = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None] * 4, (1, 3, 8, 8, 3))
    cells = hog3d(np.ascontiguousarray(clip)).reshape(3 * 4 * 4, NUM_DIRECTIONS)
    assert np.count_nonzero(cells) == len(cells)
    np.testing.assert_allclose(cells.max(axis=1), 2.0, rtol=1e-5)  # sqrt(4 gray levels a pixel)


def test_flat_clips_have_no_gradients() -> None:
    assert not hog3d(np.full((2, 4, 8, 8, 3), 90, np.uint8)).any()


def test_a_reversed_clip_differs() -> None:
    clip = _moving_bar(1)
    assert np.abs(hog3d(clip) - hog3d(clip[:, ::-1])).max() > 1


@pytest.mark.parametrize("shape", [(2, 4, 4), (5, 7, 9), (16, 64, 32)])
def test_there_are_at_most_48_cells(shape: tuple[int, ...]) -> None:
    cells = min(3, shape[0]) * min(4, shape[1]) * min(4, shape[2])
    clips = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    assert hog3d(clips).shape == (2, cells * NUM_DIRECTIONS)
