from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mocogan.evaluation.downsampling import downsample


def test_cells_are_means_over_areas() -> None:
    clip = np.zeros((1, 1, 32, 32, 3), np.uint8)
    clip[0, 0, 0, 0] = 100
    small = downsample(clip)
    assert (small.shape, small.dtype) == ((1, 1, 16, 16, 3), np.float32)
    assert small[0, 0, 0, 0].tolist() == [25, 25, 25]
    assert small.sum() == 75


def test_small_clips_are_kept_and_odd_sizes_keep_the_mean_of_each_cell() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 20, 3), np.uint8)
    small = downsample(clip)
    assert small.shape == (2, 3, 8, 16, 3)
    edges = [0, 1, 2, 3, 5]  # of 20 pixels over 16 cells: 0, 1.25, 2.5, 3.75, 5, rounded down
    expected = [clip[..., a:b, :].mean(axis=3) for a, b in pairwise(edges)]
    np.testing.assert_allclose(small[..., :4, :], np.stack(expected, axis=3), rtol=1e-6)


def test_bright_areas_do_not_overflow() -> None:
    assert (downsample(np.full((1, 1, 64, 64, 3), 255, np.uint8)) == 255).all()


def test_clips_keep_their_order_over_several_parts() -> None:
    clips = np.broadcast_to(
        np.arange(150, dtype=np.uint8)[:, None, None, None, None], (150, 1, 2, 2, 3)
    )
    assert downsample(clips)[:, 0, 0, 0, 0].tolist() == list(range(150))


def test_no_clips_have_no_means() -> None:
    assert downsample(np.zeros((0, 4, 32, 32, 3), np.uint8)).shape == (0, 4, 16, 16, 3)


def test_floats_are_refused() -> None:
    with pytest.raises(AssertionError, match="float32"):
        downsample(np.zeros((1, 1, 2, 2, 3), np.float32))
