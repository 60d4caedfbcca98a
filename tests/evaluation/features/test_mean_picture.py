from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.mean_picture import mean_picture


def test_values_are_means_over_frames_and_cells() -> None:
    clip = np.zeros((1, 2, 16, 16, 3), np.uint8)
    clip[0, 0, 2:4, 4:6, 1] = 200  # cell (1, 2), green, in one of two frames
    picture = mean_picture(clip).reshape(8, 8, 3)
    assert picture[1, 2].tolist() == [0, 100, 0]
    assert picture.sum() == 100


def test_the_order_of_frames_does_not_count_but_the_place_does() -> None:
    clips = np.random.default_rng(0).integers(0, 256, (2, 3, 16, 16, 3), dtype=np.uint8)
    assert mean_picture(clips[:, ::-1]).tolist() == mean_picture(clips).tolist()
    assert np.abs(mean_picture(clips[:, :, ::-1]) - mean_picture(clips)).max() > 10


@pytest.mark.parametrize(("size", "values"), [((4, 6), 3 * 4 * 6), ((9, 64), 3 * 8 * 8)])
def test_small_frames_have_fewer_cells(size: tuple[int, int], values: int) -> None:
    pictures = mean_picture(np.full((2, 3, *size, 3), 90, np.uint8))
    assert (pictures.shape, pictures.dtype) == ((2, values), np.float32)
    assert (pictures == 90).all()
