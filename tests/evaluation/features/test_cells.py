from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.cells import cell_edges, cell_means


@pytest.mark.parametrize(
    ("length", "most", "expected"),
    [
        (8, 4, [0, 2, 4, 6, 8]),
        (5, 4, [0, 1, 2, 3, 5]),
        (3, 4, [0, 1, 2, 3]),  # no more cells than pixels
        (7, 1, [0, 7]),
    ],
)
def test_cells_cover_the_axis(length: int, most: int, expected: list[int]) -> None:
    assert cell_edges(length, most).tolist() == expected


def test_means_along_some_axes() -> None:
    pixels = np.array([[0, 2, 4, 6, 100], [10, 20, 30, 40, 50]], np.uint8)
    means = cell_means(pixels, {1: 2})
    assert means.dtype == np.float32
    assert means == pytest.approx(np.array([[1, 110 / 3], [15, 40]]))
    assert cell_means(pixels, {0: 1, 1: 1}) == pytest.approx(np.array([[26.2]]))


def test_bright_bytes_do_not_overflow_and_floats_are_averaged_too() -> None:
    white = np.full((3, 300), 255, np.uint8)
    assert cell_means(white, {1: 1}).tolist() == [[255.0]] * 3
    assert cell_means(np.array([0.25, 0.75], np.float32), {0: 1}).tolist() == [0.5]


def test_without_axes_nothing_changes() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert cell_means(pixels, {}).tolist() == pixels.tolist()
