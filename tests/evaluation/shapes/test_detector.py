from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import Content, draw
from mocogan.evaluation.shapes.detector import (
    AreaRange,
    NotShapeMotion,
    area_range,
    detect_shapes,
    largest_groups,
)

SIZE = 32
AREAS = AreaRange(16, 64)
RED = (200, 40, 0)


def frame_of(*rectangles: Sequence[int], color: Sequence[int] = RED) -> np.ndarray:
    """Rectangles (left, top, width, height) on black, as one clip of one frame."""
    frame = np.zeros((1, 1, SIZE, SIZE, 3), np.uint8)
    for left, top, width, height in rectangles:
        frame[..., top : top + height, left : left + width, :] = color
    return frame


def is_detected(clip: np.ndarray) -> bool:
    return bool(detect_shapes(clip, AREAS).detected.all())


def test_area_color_and_center_of_a_rectangle() -> None:
    shapes = detect_shapes(frame_of((10, 20, 6, 4)), AREAS)
    assert shapes.detected.tolist() == [[True]]
    assert shapes.area.tolist() == [[24.0]]
    np.testing.assert_allclose(shapes.color, [[RED]], rtol=1e-6)
    np.testing.assert_allclose(shapes.center, [[(12.5, 21.5)]], rtol=1e-6)
    assert shapes.fill.tolist() == [[1.0]]


def test_the_fill_of_a_shape_that_is_no_rectangle() -> None:
    shapes = detect_shapes(frame_of((4, 4, 2, 8), (6, 10, 4, 2)), AREAS)
    assert shapes.fill.tolist() == [[24 / (6 * 8)]]


def test_clips_keep_their_order_over_several_parts() -> None:
    clips = np.concatenate([frame_of((number % 20, 5, 5, 5)) for number in range(150)])
    shapes = detect_shapes(clips, AREAS)
    np.testing.assert_allclose(
        shapes.center[:, 0, 0], [2.0 + number % 20 for number in range(150)], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("clip", "detected"),
    [
        (frame_of((4, 4, 6, 6)), True),
        (frame_of((4, 4, 6, 6), color=(0, 0, 30)), True),
        (frame_of((4, 4, 6, 6), color=(0, 0, 20)), False),  # as good as black
        (frame_of((4, 4, 2, 4)), True),  # half of the smallest
        (frame_of((4, 4, 1, 7)), False),
        (frame_of((4, 4, 16, 8)), True),  # twice the largest
        (frame_of((4, 4, 16, 9)), False),
        (frame_of((4, 4, 8, 8), (20, 20, 4, 4)), True),  # 64 of 80 pixels
        (frame_of((4, 4, 8, 8), (20, 20, 4, 5)), False),
        (frame_of((0, 0, 32, 32)), False),
        (np.zeros((1, 1, SIZE, SIZE, 3), np.uint8), False),
    ],
)
def test_one_shape_of_a_possible_size_is_detected(clip: np.ndarray, detected: bool) -> None:
    assert is_detected(clip) == detected


def test_a_shape_on_gray_is_not_detected() -> None:
    clip = frame_of((4, 4, 6, 6))
    assert is_detected(np.maximum(clip, 16))
    assert not is_detected(np.maximum(clip, 17))


def test_a_soft_edge_counts_down_to_half_height() -> None:
    clip = frame_of((10, 10, 6, 6), color=(200, 0, 0))
    clip[..., 10:16, 9, 0] = 101
    clip[..., 10:16, 16, 0] = 100
    assert detect_shapes(clip, AREAS).area.tolist() == [[42.0]]


def test_drawn_shapes_are_detected_in_every_frame() -> None:
    path = np.linspace((0.2, 0.8), (0.8, 0.2), 4)
    for shape in ("disc", "square"):
        clip = draw(Content(shape, (60, 90, 255), 0.11), path, SIZE)[None]
        shapes = detect_shapes(clip, AREAS)
        assert shapes.detected.all()
        np.testing.assert_allclose(shapes.center[0], path * SIZE - 0.5, atol=0.3)


@pytest.mark.parametrize(("low", "high"), [(0, 256), (0, 20), (100, 140)])
def test_noise_is_not_detected(low: int, high: int) -> None:
    pixels = np.random.default_rng(0).integers(low, high, (4, 2, SIZE, SIZE, 3), np.uint8)
    assert not detect_shapes(pixels, AREAS).detected.any()


def test_the_largest_group_of_each_frame() -> None:
    pictures = [
        ["#..#", ".#.#", "..##"],  # diagonals connect: all are one group
        ["#.#.", "#...", "..##"],
        ["....", "....", "...."],
        ["##..", "....", "..##"],  # the first of two as large
        [".###", "....", "###."],  # rows of memory that touch do not connect
    ]
    wanted = [
        ["#..#", ".#.#", "..##"],
        ["#...", "#...", "...."],
        ["....", "....", "...."],
        ["##..", "....", "...."],
        [".###", "....", "...."],
    ]
    np.testing.assert_array_equal(largest_groups(_bits(pictures)), _bits(wanted))


def test_a_winding_group_is_one() -> None:
    spiral = ["######", ".....#", "####.#", "#..#.#", "#....#", "######"]
    assert largest_groups(_bits([spiral])).sum() == _bits([spiral]).sum() == 23


def _bits(pictures: Sequence[Sequence[str]]) -> np.ndarray:
    return np.array([[[pixel == "#" for pixel in row] for row in rows] for rows in pictures])


def test_the_area_range_real_clips() -> None:
    clips = [frame_of((4, 4, side, side)) for side in (5, 8, 6)]
    assert area_range(np.concatenate(clips)) == (25.0, 64.0)


def test_clips_without_shapes_have_no_areas() -> None:
    with pytest.raises(NotShapeMotion, match="no clip shows exactly one shape on black"):
        area_range(np.zeros((2, 3, SIZE, SIZE, 3), np.uint8))


def test_arrays_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be \[N, T, H, W, 3\] uint8, got \(2, 8, 8, 3\)"):
        detect_shapes(np.zeros((2, 8, 8, 3), np.uint8))
