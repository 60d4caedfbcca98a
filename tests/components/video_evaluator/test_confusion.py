"""Confusion matrices of a bounded size."""

from __future__ import annotations

import numpy as np

from mocogan.components.video_evaluator.confusion import OTHERS, confusion
from mocogan.evaluation.metrics.motion_control import MotionControl


def control(matrix: np.ndarray) -> MotionControl:
    return MotionControl(
        score=0.0, chance=0.0, real_accuracy=0.0, confusion=matrix, real_confusion=matrix.T
    )


def test_few_classes_are_shown_as_they_are() -> None:
    matrix = np.array([[3, 1], [0, 2]])
    found = confusion(control(matrix), ["a", "b"])
    assert found == (("a", "b"), [[3, 1], [0, 2]], [[3, 0], [1, 2]])


def test_of_many_classes_the_most_requested_are_shown_and_no_clip_is_lost() -> None:
    matrix = np.zeros((2000, 2000), np.int64)
    matrix[1999, 1999], matrix[7, 1999], matrix[3, 5] = 9, 4, 1
    found = confusion(control(matrix), [f"class {number}" for number in range(2000)])
    assert len(found.labels) == 51
    assert found.labels[-1] == OTHERS
    assert found.labels[-2] == "class 1999"
    assert found.generated[-2][-2] == 9
    assert found.generated[found.labels.index("class 7")][-2] == 4
    assert np.sum(found.generated) == np.sum(found.real) == 14
