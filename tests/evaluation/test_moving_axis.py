from __future__ import annotations

import numpy as np

from mocogan.evaluation.moving_axis import (
    LEFT_AND_RIGHT,
    NO_AXIS,
    UP_AND_DOWN,
    moving_axis,
)


def test_the_axis_is_that_of_the_centroid() -> None:
    clips = np.full((4, 5, 16, 16, 3), 20, np.uint8)  # a gray ground
    for frame, place in enumerate([2, 6, 10, 6, 2]):
        clips[0, frame, place : place + 3, 4:7] = 255
        clips[1, frame, 4:7, place : place + 3] = 255
        clips[2, frame, 4:7, 4:7] = 255
    axes = moving_axis(clips)
    assert axes.tolist() == [UP_AND_DOWN, LEFT_AND_RIGHT, NO_AXIS, NO_AXIS]


def test_dark_frames_have_no_place() -> None:
    clips = np.zeros((2, 3, 16, 16, 3), np.uint8)
    clips[0, 0, 10:13, 2:5] = clips[0, 2, 10:13, 6:9] = 255  # to the right, far from the top
    assert moving_axis(clips).tolist() == [LEFT_AND_RIGHT, NO_AXIS]
