from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mocogan.evaluation.shapes.detector import AreaRange, NotShapeMotion, detect_shapes
from mocogan.evaluation.shapes.mode_coverage import clip_modes, mode_coverage, size_edges
from tests.support.detected_shapes import one_clip, square_clip, together

SIZE = 32


def test_the_edges_of_sizes_lie_between_sizes() -> None:
    areas = [47, 64, 79, 100, 111, 144, 151, 196]
    shapes = together(*(one_clip([(1, 1)], areas=[area]) for area in areas * 3))
    assert size_edges(shapes).tolist() == [71.5, 105.5, 147.5]


def test_too_few_sizes_are_refused() -> None:
    shapes = together(*(one_clip([(1, 1)], areas=[area]) for area in (20, 30, 40)))
    with pytest.raises(NotShapeMotion, match="at least 4 different shape areas, got 3"):
        size_edges(shapes)


@pytest.mark.parametrize(
    ("centers", "direction"),
    [
        ([(10, 20), (12, 10)], "bottom_to_top"),
        ([(20, 10), (10, 12)], "right_to_left"),
        ([(20, 20), (10, 9)], "bottom_to_top"),
        ([(10, 10), (12, 20)], None),  # downwards
        ([(10, 10), (30, 5)], None),  # to the right, a little upwards
        ([(10, 10), (10, 7)], None),  # 3 of 32 pixels: hardly at all
        ([(10, 20), None, None, None, (10, 10)], None),  # seen in less than half of the frames
    ],
)
def test_the_direction_of_a_mode(
    centers: Sequence[Sequence[float] | None], direction: str | None
) -> None:
    modes = clip_modes(one_clip(centers), np.array([10.0, 30.0, 50.0]), SIZE)
    assert [mode[0] for mode in modes] == ([direction] if direction else [])


@pytest.mark.parametrize(
    ("area", "color", "mode"),
    [
        (9, (255, 0, 0), (0, 4)),
        (11, (0, 255, 0), (1, 2)),
        (31, (127, 127, 128), (2, 1)),
        (99, (128, 128, 128), (3, 7)),
    ],
)
def test_the_size_and_color_of_a_mode(
    area: float, color: Sequence[float], mode: tuple[int, int]
) -> None:
    clip = one_clip([(0, 20), (0, 10)], [color] * 2, [area] * 2)
    assert clip_modes(clip, np.array([10.0, 30.0, 50.0]), SIZE) == [("bottom_to_top", *mode)]


def test_modes_of_pixels() -> None:
    edges, areas = np.array([20.0, 30.0, 40.0]), AreaRange(16, 49)
    clips = [
        square_clip((5, 25), (8, 2), 4, (200, 0, 0)),
        square_clip((5, 25), (8, 2), 4, (250, 9, 99)),  # the same mode
        square_clip((25, 5), (2, 5), 7, (0, 200, 200)),
        square_clip((2, 5), (25, 5), 7, (0, 200, 200)),  # to the right: none
    ]
    shapes = detect_shapes(np.concatenate(clips), areas)
    assert clip_modes(shapes, edges, SIZE) == [
        ("bottom_to_top", 0, 4),
        ("bottom_to_top", 0, 4),
        ("right_to_left", 3, 3),
    ]


def test_coverage_is_the_share_of_the_real_modes() -> None:
    up, left, down = [(20, 20), (20, 9)], [(20, 20), (9, 20)], [(20, 9), (20, 20)]
    sizes = [10.0, 20.0, 30.0, 40.0]
    real = together(*(one_clip(path, areas=[size] * 2) for path in (up, left) for size in sizes))
    generated = together(
        one_clip(up, areas=[11.0] * 2),
        one_clip(up, areas=[9.0] * 2),
        one_clip(left, areas=[41.0] * 2),
        one_clip(down, areas=[41.0] * 2),  # no mode
        one_clip(up, [(255, 0, 0)] * 2, [20.0] * 2),  # no mode of the real clips
        *(one_clip(down) for _ in range(3)),
        one_clip(left, areas=[20.0] * 2),  # the ninth of eight clips that are compared
    )
    coverage = mode_coverage(real, generated, SIZE, seed=0)
    assert (coverage.generated, coverage.real) == (2 / 8, 1.0)
    assert (coverage.num_clips, coverage.num_modes) == (8, 8)
    assert coverage.size_edges.tolist() == [15.0, 25.0, 35.0]


def test_as_many_real_clips_reach_less() -> None:
    left = [(20, 20), (9, 20)]
    real = together(*(one_clip(left, areas=[size] * 2) for size in (10.0, 20.0, 30.0, 40.0)))
    coverage = mode_coverage(real, one_clip(left, areas=[10.0] * 2), SIZE, seed=0)
    assert (coverage.generated, coverage.real, coverage.num_clips) == (1 / 4, 1 / 4, 1)
