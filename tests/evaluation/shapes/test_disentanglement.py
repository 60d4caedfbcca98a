from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import DIRECTIONS, draw, random_content, random_path
from mocogan.evaluation.shapes.detector import DetectedShapes, area_range, detect_shapes
from mocogan.evaluation.shapes.disentanglement import disentanglement

CLIPS, FRAMES, SIZE = 24, 8, 32


def one_clip(
    centers: Sequence[Sequence[float]], color: Sequence[float], area: float = 20.0
) -> DetectedShapes:
    """One clip; nothing is detected where the center is at the frame's edge, x = 0."""
    count = len(centers)
    return DetectedShapes(
        np.array([[x > 0 for x, _ in centers]]),
        np.full((1, count), area, np.float32),
        np.full((1, count, 3), color, np.float32),
        np.array([centers], np.float32),
        np.ones((1, count), np.float32),
    )


def drawn(content_seed: int, motion_seed: int) -> np.ndarray:
    """Clips of seeds of their own for content and for motion, as a model should make them."""
    clips = []
    for number in range(CLIPS):
        content = random_content(np.random.default_rng([content_seed, number]))
        path = random_path(np.random.default_rng([motion_seed, number]), DIRECTIONS[0], FRAMES)
        clips.append(draw(content, path, SIZE))
    return np.stack(clips)


def test_clips_that_share_something_are_compared_with_clips_that_do_not() -> None:
    clips = one_clip([(5, 5), (5, 9)], (100, 0, 0), area=20)
    other_motion = one_clip([(5, 13), (5, 17)], (70, 0, 0), area=22)
    other_content = one_clip([(6, 5), (8, 9)], (0, 0, 0), area=30)
    values = disentanglement(clips, other_motion, other_content)
    assert values.content_disentanglement == pytest.approx(1 - 30 / 100)
    assert values.size_disentanglement == pytest.approx(1 - 2 / 10)
    assert values.fill_disentanglement is None  # all are as full
    assert values.motion_disentanglement == pytest.approx(1 - 2 / 8)
    assert values.disentanglement_triples == 1


def test_paths_are_compared_where_both_are_seen() -> None:
    clips = one_clip([(5, 5), (5, 5), (0, 0)], (9, 9, 9))
    other_motion = one_clip([(5, 10), (5, 10), (5, 10)], (8, 8, 8))
    other_content = one_clip([(0, 0), (5, 6), (5, 7)], (0, 0, 0))
    assert disentanglement(
        clips, other_motion, other_content
    ).motion_disentanglement == pytest.approx(1 - 1 / 5)


@pytest.mark.parametrize(
    "unseen",
    [
        [(0, 0), (0, 0), (0, 0), (5, 5)],  # in less than half of the frames
        [(0, 0), (0, 0), (5, 5), (5, 5)],  # in no frame in which the others are
    ],
)
def test_triples_that_cannot_be_compared_are_left_out(unseen: Sequence[Sequence[float]]) -> None:
    seen = one_clip([(5, 5), (5, 5), (0, 0), (0, 0)], (9, 9, 9))
    assert disentanglement(seen, seen, one_clip(unseen, (1, 1, 1))) == (None, None, None, None, 0)
    assert (
        disentanglement(
            seen, seen, one_clip([(5, 5), *unseen[1:]], (1, 1, 1))
        ).disentanglement_triples
        == 1
    )


def test_shapes_drawn_from_seeds_of_their_own_keep_both() -> None:
    clips, other_motion, other_content = drawn(1, 1), drawn(1, 2), drawn(2, 1)
    areas = area_range(clips)
    shapes = [detect_shapes(it, areas) for it in (clips, other_motion, other_content)]
    values = disentanglement(*shapes)
    assert values.disentanglement_triples == CLIPS
    assert min(values[:4]) > 0.9
    swapped = disentanglement(shapes[0], shapes[2], shapes[1])
    assert max(swapped[:4]) < 0
