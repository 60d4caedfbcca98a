from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.per_clip import per_clip
from tests.support.clips_of_levels import clips_of_levels


def test_each_clip_has_its_row_in_the_order_of_the_clips() -> None:
    clips = clips_of_levels([[number, 0] for number in range(100)])
    rows = per_clip(lambda clip: clip[:, 0, 0, 0] * np.float32(2), clips)
    assert (rows.shape, rows.dtype) == ((100, 2), np.float32)
    assert rows.tolist() == [[2 * number, 0] for number in range(100)]
    assert per_clip(lambda clip: np.float32(clip.mean()), clips[:2]).tolist() == [0, 0.5]


@pytest.mark.parametrize(
    "clips", [np.zeros((1, 2, 2, 2, 3), np.float32), np.zeros((2, 2, 2, 3), np.uint8)]
)
def test_other_arrays_are_refused(clips: np.ndarray) -> None:
    with pytest.raises(AssertionError, match=str(clips.dtype)):
        per_clip(lambda clip: clip, clips)
