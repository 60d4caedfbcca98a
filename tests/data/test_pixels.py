import numpy as np

from mocogan.data.pixels import clips_to_grid, to_float, to_uint8


def test_ends_of_the_scales_meet():
    np.testing.assert_allclose(to_float(np.array([0, 255], np.uint8)), [-1.0, 1.0])
    np.testing.assert_array_equal(to_uint8(np.array([-1.0, 0.0, 1.0])), [0, 128, 255])


def test_every_level_comes_back():
    levels = np.arange(256, dtype=np.uint8)

    np.testing.assert_array_equal(to_uint8(to_float(levels)), levels)


def test_what_is_out_of_range_is_clipped():
    np.testing.assert_array_equal(to_uint8(np.array([-3.0, 3.0])), [0, 255])


def test_grid_places_clips_row_by_row():
    clips = np.stack([np.full((2, 4, 4, 3), level, np.uint8) for level in (10, 20, 30)])

    grid = clips_to_grid(clips, columns=2, gap=1)

    assert grid.shape == (2, 9, 9, 3)
    assert [grid[0, 0, 0, 0], grid[0, 0, 5, 0], grid[1, 5, 0, 0]] == [10, 20, 30]
    assert grid[0, 8, 8, 0] == grid[0, 4, 0, 0] == 32
