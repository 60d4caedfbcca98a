from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.motion import flicker, frame_differences, rms_change
from tests.support.clips_of_levels import clips_of_levels


def as_floats(levels: list[list[int]]) -> np.ndarray:
    return clips_of_levels(levels).astype(np.float32)


def test_frame_differences_are_mean_absolute_differences() -> None:
    clips = clips_of_levels([[0, 200, 190], [5, 5, 255]])
    assert frame_differences(clips).tolist() == [[200, 10], [0, 250]]


def test_frame_differences_are_means_over_pixels_and_channels() -> None:
    clip = np.zeros((1, 2, 2, 2, 3), np.uint8)
    clip[0, 1, 0, 0] = (12, 0, 24)
    assert frame_differences(clip).tolist() == [[36 / 12]]


def test_frame_differences_of_floats_are_refused() -> None:
    with pytest.raises(AssertionError, match="float32"):
        frame_differences(np.zeros((1, 2, 2, 2, 3), np.float32))


def test_rms_change_is_a_root_mean_square() -> None:
    assert rms_change(as_floats([[0, 1, 1], [0, 0, 3]])) == pytest.approx((10 / 4) ** 0.5)
    assert rms_change(as_floats([[7, 7, 7]])) == 0.0


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0, 9, 0, 9], 1.0),  # alternates
        ([0, 9, 18, 27], -1.0),  # continues
        ([0, 9, 9, 18], 0.0),  # stops now and then
        # Half of one change, and none of the next: 18 * 9 / (0.5 * (18 ** 2 + 9 ** 2 + 9 ** 2)).
        ([0, 18, 9, 9], 2 / 3),
    ],
)
def test_flicker_is_how_much_of_a_change_is_taken_back(levels: list[int], expected: float) -> None:
    assert flicker(as_floats([levels])) == pytest.approx(expected)


def test_independent_frames_take_back_half() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 16, 8, 8, 3)).astype(np.float32)
    assert flicker(noise) == pytest.approx(0.5, abs=0.02)


def test_changes_that_cannot_be_seen_are_no_flicker() -> None:
    blinking = as_floats([[10, 11, 10, 11]])
    assert flicker(blinking) == pytest.approx(1.0)
    assert flicker(blinking * 0.99) is None
    assert flicker(as_floats([[10, 90]])) is None  # two frames have one change
