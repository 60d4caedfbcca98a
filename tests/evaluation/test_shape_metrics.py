from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.evaluation.shape_detector import (
    AreaRange,
    FoundShapes,
    NotShapeMotion,
    areas_of,
    find_shapes,
)
from mocogan.evaluation.shape_metrics import (
    check_real,
    describe,
    figures_of,
    modes,
    modes_of,
    shape_figures,
    size_edges,
    spreads_of,
)

AUTHORS_SET = Path(__file__).parents[3] / "shared/datasets/shapes"
SIZE = 32


def found_shapes(
    centres: Sequence[Sequence[float] | None],
    colours: Sequence[Sequence[float]] | None = None,
    areas: Sequence[float] | None = None,
) -> FoundShapes:
    """One clip; nothing is found in frames whose centre is None."""
    count = len(centres)
    return FoundShapes(
        np.array([[centre is not None for centre in centres]]),
        np.array([areas or [20.0] * count], np.float32),
        np.array([colours or [(0.0, 0.0, 0.0)] * count], np.float32),
        np.array([[centre or (0, 0) for centre in centres]], np.float32),
        np.ones((1, count), np.float32),
    )


def together(*clips: FoundShapes) -> FoundShapes:
    return FoundShapes(*map(np.concatenate, zip(*clips, strict=True)))


def square_clip(
    start: Sequence[int], end: Sequence[int], side: int, colour: Sequence[int]
) -> np.ndarray:
    """Four frames of a square that goes from `start` to `end`, its upper left corner."""
    clip = np.zeros((1, 4, SIZE, SIZE, 3), np.uint8)
    for frame, (left, top) in zip(clip[0], np.linspace(start, end, 4).astype(int), strict=True):
        frame[top : top + side, left : left + side] = colour
    return clip


def drawn_clips(count: int, size: int = SIZE) -> np.ndarray:
    return np.stack(
        [shape_motion_frames(number, DIRECTIONS[number % 2], 8, size) for number in range(count)]
    )


def test_acd_is_the_mean_distance_of_a_clips_colours() -> None:
    colours = [(0, 0, 0), (30, 40, 0), (0, 0, 0), (200, 0, 0)]
    clip = found_shapes([(1, 1), (1, 1), (1, 1), None], colours)
    assert figures_of(clip).acd == pytest.approx((50 + 0 + 50) / 3)
    steady = found_shapes([(1, 1)] * 4)
    assert figures_of(together(clip, steady)).acd == pytest.approx(100 / 6)


def test_travel_and_path_skip_frames_without_a_shape() -> None:
    figures = figures_of(found_shapes([None, (0, 0), (3, 4), None, (3, 16)]))
    assert figures.travel == pytest.approx(np.hypot(3, 16))
    assert figures.path == pytest.approx(5 + 12)
    assert figures.found == pytest.approx(3 / 5)


def test_jitter_takes_frames_in_a_row() -> None:
    # Second differences (0, 0), (0, -3) and, over the gap, none.
    figures = figures_of(found_shapes([(0, 0), (0, 2), (0, 4), (0, 3), None, (9, 9), (0, 0)]))
    assert figures.jitter == pytest.approx(1.5)
    assert figures_of(found_shapes([(0, 0), (5, 5), None, (1, 1)])).jitter is None


def test_variation_of_size() -> None:
    figures = figures_of(found_shapes([(0, 0), (0, 0)], areas=[10.0, 30.0]))
    assert figures.size_variation == pytest.approx(10 / 20)


def test_clips_with_one_found_frame_are_left_out() -> None:
    figures = figures_of(found_shapes([(5, 5), None, None]))
    assert (figures.clips, figures.measured_clips) == (1, 0)
    assert figures.acd is figures.travel is figures.path is figures.jitter is None
    assert figures.found == pytest.approx(1 / 3)


def test_the_edges_of_sizes_lie_between_sizes() -> None:
    areas = [47, 64, 79, 100, 111, 144, 151, 196]
    shapes = together(*(found_shapes([(1, 1)], areas=[area]) for area in areas * 3))
    assert size_edges(shapes).tolist() == [71.5, 105.5, 147.5]


def test_too_few_sizes_are_refused() -> None:
    shapes = together(*(found_shapes([(1, 1)], areas=[area]) for area in (20, 30, 40)))
    with pytest.raises(NotShapeMotion, match="4 sizes need as many areas, the clips have 3"):
        size_edges(shapes)


@pytest.mark.parametrize(
    ("centres", "direction"),
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
    centres: Sequence[Sequence[float] | None], direction: str | None
) -> None:
    cells = modes_of(found_shapes(centres), np.array([10.0, 30.0, 50.0]), SIZE)
    assert [cell[0] for cell in cells] == ([direction] if direction else [])


@pytest.mark.parametrize(
    ("area", "colour", "cell"),
    [
        (9, (255, 0, 0), (0, 4)),
        (11, (0, 255, 0), (1, 2)),
        (31, (127, 127, 128), (2, 1)),
        (99, (128, 128, 128), (3, 7)),
    ],
)
def test_the_size_and_colour_of_a_mode(
    area: float, colour: Sequence[float], cell: tuple[int, int]
) -> None:
    clip = found_shapes([(0, 20), (0, 10)], [colour] * 2, [area] * 2)
    assert modes_of(clip, np.array([10.0, 30.0, 50.0]), SIZE) == [("bottom_to_top", *cell)]


def test_modes_of_pixels() -> None:
    edges, areas = np.array([20.0, 30.0, 40.0]), AreaRange(16, 49)
    clips = [
        square_clip((5, 25), (8, 2), 4, (200, 0, 0)),
        square_clip((5, 25), (8, 2), 4, (250, 9, 99)),  # the same cell
        square_clip((25, 5), (2, 5), 7, (0, 200, 200)),
        square_clip((2, 5), (25, 5), 7, (0, 200, 200)),  # to the right: none
    ]
    assert modes(np.concatenate(clips), edges, areas) == {
        ("bottom_to_top", 0, 4),
        ("right_to_left", 3, 3),
    }


def test_drawn_shape_motion_reaches_every_figure() -> None:
    clips = drawn_clips(640, size=64)
    figures = describe(clips[:512], clips[384:])
    assert figures["found"] == figures["found_real"] == 1.0
    assert 3 < figures["acd"] < 5  # of smoothed edges that fall between pixels; without them 0
    assert figures["travel"] == pytest.approx(figures["travel_real"], rel=0.05)
    assert min(figures["modes"], figures["modes_of_as_many_real"]) > 0.95
    assert figures["modes_clips"] == 256
    assert figures["size_variation"] < 0.05
    assert figures["size_spread"] == pytest.approx(figures["size_spread_real"], rel=0.1)


def test_spreads_are_those_of_the_clips_medians() -> None:
    clips = together(
        *(found_shapes([(5, 5), None, (5, 5)], areas=[area, 900.0, area]) for area in (10.0, 30.0)),
        found_shapes([None] * 3),
    )
    assert spreads_of(clips) == {"size_spread": 10.0, "form_spread": 0.0}
    half_filled = clips._replace(fill=clips.fill * [[1.0], [0.5], [1.0]])
    assert spreads_of(half_filled)["form_spread"] == 0.25
    assert set(spreads_of(found_shapes([None])).values()) == {None}


def test_real_clips_are_checked_beforehand() -> None:
    check_real(drawn_clips(16))
    with pytest.raises(NotShapeMotion, match="no clip holds one shape on black"):
        check_real(np.zeros((2, 4, SIZE, SIZE, 3), np.uint8))
    with pytest.raises(NotShapeMotion, match="4 sizes need as many areas"):
        check_real(square_clip((5, 25), (8, 2), 4, (200, 0, 0)))


def test_half_of_the_modes() -> None:
    clips = drawn_clips(300)
    figures = describe(clips, clips[0:256:2])  # one direction
    assert figures["modes"] <= 0.5 < figures["modes_of_as_many_real"]
    assert figures["modes_clips"] == 128


def test_faults_show_in_their_figure() -> None:
    clips = drawn_clips(64)
    real = describe(clips, clips)
    frozen = describe(clips, clips[:, :1].repeat(8, axis=1))
    assert (frozen["acd"], frozen["travel"], frozen["modes"]) == (0.0, 0.0, 0.0)
    changing = clips.copy()
    changing[:, 1::2] = clips[:, 1::2, ..., ::-1]  # red and blue change places
    assert describe(clips, changing)["acd"] > 50 + real["acd"]
    shuffled = clips[:, np.random.default_rng(0).permutation(8)]
    assert describe(clips, shuffled)["jitter"] > 3 * real["jitter"]
    noise = np.random.default_rng(0).integers(0, 256, clips.shape, np.uint8)
    assert describe(clips, noise)["found"] == 0.0


@pytest.mark.exhaustive
@pytest.mark.skipif(not AUTHORS_SET.exists(), reason="the authors' data are not here")
def test_the_authors_set() -> None:
    """Every second frame of 512 of their strips: eight areas, colours that do not change, 64 cells."""
    paths = [path for name in "01" for path in sorted((AUTHORS_SET / name).iterdir())[:256]]
    strips = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
    clips = strips.reshape(-1, 64, 32, 64, 3).transpose(0, 2, 1, 3, 4)[:, ::2]
    figures = shape_figures(clips)
    assert (figures.found, figures.acd, figures.size_variation) == (1.0, 0.0, 0.0)
    assert figures.travel == pytest.approx(47.5, abs=0.3)
    assert figures.path == pytest.approx(59, abs=1)
    assert areas_of(clips) == (47.0, 196.0)
    assert size_edges(find_shapes(clips)).tolist() == [71.5, 105.5, 147.5]
    described = describe(clips, clips[::2])
    assert (described["modes_cells"], described["modes_clips"]) == (64, 256)
    assert min(described["modes"], described["modes_of_as_many_real"]) > 0.9
    assert described["size_spread_real"] == pytest.approx(45, abs=5)
    assert described["form_spread_real"] == pytest.approx(0.1, abs=0.03)
