import numpy as np

from data.colour_space import recolour

_BT709, _UNSPECIFIED = 1, 2


def test_bt601_stays():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)

    np.testing.assert_array_equal(recolour(pixels, _UNSPECIFIED), pixels)


def test_gray_is_gray_in_every_matrix():
    gray = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)

    np.testing.assert_array_equal(recolour(gray, _BT709), gray)


def test_a_colour_worked_out_by_hand():
    # Y 100, Cb 20, Cr -30 (full range): by BT.601 (57.94, 114.54, 135.44),
    # by BT.709 (52.76, 110.30, 137.11).
    by_bt601 = np.array([[[58, 115, 135]]], np.uint8)

    np.testing.assert_allclose(recolour(by_bt601, _BT709), [[[53, 110, 137]]], atol=1)
