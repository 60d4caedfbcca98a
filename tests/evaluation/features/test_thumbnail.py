from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.thumbnail import thumbnail
from tests.support.clips_of_levels import clips_of_levels


def test_five_frames_are_averaged_over_four_cells() -> None:
    thumbnails = thumbnail(clips_of_levels([[0, 10, 20, 30, 50]], size=8))
    assert (thumbnails.shape, thumbnails.dtype) == ((1, 768), np.float32)
    times = thumbnails.reshape(4, 8, 8, 3)
    assert times[:, 7, 0, 2].tolist() == [0, 10, 20, 40]


def test_thumbnails_see_order_and_place() -> None:
    clip = np.zeros((1, 4, 16, 16, 3), np.uint8)
    clip[0, 1, 2:4, 4:6, 1] = 200
    times = thumbnail(clip).reshape(4, 8, 8, 3)
    assert times[1, 1, 2].tolist() == [0, 200, 0]
    assert times.sum() == 200


@pytest.mark.parametrize(
    ("shape", "values"), [((2, 4, 6), 2 * 4 * 6 * 3), ((16, 64, 64), 4 * 8 * 8 * 3)]
)
def test_small_clips_have_fewer_cells(shape: tuple[int, int, int], values: int) -> None:
    assert thumbnail(np.zeros((2, *shape, 3), np.uint8)).shape == (2, values)
