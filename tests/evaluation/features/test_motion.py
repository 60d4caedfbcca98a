"""Each measure of motion against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features import motion
from tests.support.clips_of_levels import clips_of_levels


def wave(frequency: float, num_frames: int) -> np.ndarray:
    """[1, T, 8, 8, 3]: light that swings `frequency` times per frame."""
    levels = 128 + 100 * np.cos(2 * np.pi * frequency * np.arange(num_frames))
    return clips_of_levels([np.round(levels).astype(int).tolist()], size=8)


def dots(places: list[tuple[int, int]]) -> np.ndarray:
    """[1, T, 8, 8, 3]: a white pixel at (row, column) of each frame."""
    clip = np.zeros((1, len(places), 8, 8, 3), np.uint8)
    for time, (row, column) in enumerate(places):
        clip[0, time, row, column] = 255
    return clip


def test_change_is_a_mean_over_frames_and_pixels() -> None:
    clips = clips_of_levels([[0, 200, 190], [5, 5, 5]])
    assert motion.change(clips).tolist() == [105, 0]
    assert motion.change(clips).dtype == np.float32


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0, 200, 0, 200], 1),  # two frames in turn
        ([0, 50, 100, 150], 0),  # continues
        ([7, 7, 7, 7], 0),  # nothing changes
        ([0, 0, 9, 9], 0),  # nothing is taken back
        ([0, 18, 9], 9 / 13.5),  # half of 18 is taken back. The mean change is 13.5.
        ([255, 0, 255], 1),
    ],
)
def test_taken_back(levels: list[int], expected: float) -> None:
    assert motion.taken_back(clips_of_levels([levels])).tolist() == [pytest.approx(expected)]


def test_change_is_taken_back_by_the_same_pixel_only() -> None:
    there_and_back, onward = dots([(1, 1), (1, 2), (1, 1)]), dots([(1, 1), (1, 2), (1, 3)])
    assert motion.taken_back(there_and_back).tolist() == [1]
    assert motion.taken_back(onward).tolist() == [pytest.approx(1 / 2)]  # pixel (1, 2) goes off


@pytest.mark.parametrize("num_frames", [3, 5, 6, 7, 8, 9, 16])
def test_frequencies_above_half_of_nyquist_are_high(num_frames: int) -> None:
    for cycles in range(1, num_frames // 2 + 1):
        frequency = cycles / num_frames
        expected = float(frequency > 1 / 4)
        found = motion.high_frequency(wave(frequency, num_frames))
        assert found == pytest.approx(expected, abs=1e-3), cycles


def test_frozen_clips_have_no_frequencies_and_noise_has_all() -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (16, 16, 16, 16, 3), dtype=np.uint8)
    assert motion.high_frequency(noise) == pytest.approx(np.full(16, 0.5), abs=0.1)
    assert motion.high_frequency(noise[:, :1].repeat(16, axis=1)).tolist() == [0] * 16
    assert motion.high_frequency(clips_of_levels([[9, 90]], size=4)).tolist() == [1]


def test_sharpness_is_the_mean_laplacian_inside_of_the_frame() -> None:
    ramp = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None] * 9, (1, 2, 8, 8, 3))
    assert motion.sharpness(np.ascontiguousarray(ramp)) == pytest.approx(0, abs=1e-4)
    # 4 x 255 at the pixel and 255 at its four neighbors, over 6 x 6 pixels.
    dot = motion.sharpness(dots([(3, 4)] * 2))
    assert dot == pytest.approx(8 * 255 / 36, rel=1e-6)


def test_displacement_is_the_way_of_the_changes() -> None:
    right = dots([(2, 0), (2, 1), (2, 4), (2, 5)])
    # The first changes are around column 0.5, the last ones around column 4.5.
    np.testing.assert_allclose(motion.displacement(right), [[0, 4 / 8]], atol=1e-6)
    np.testing.assert_allclose(motion.displacement(right[:, ::-1]), [[0, -4 / 8]], atol=1e-6)
    down = right.transpose(0, 1, 3, 2, 4)
    np.testing.assert_allclose(motion.displacement(down), [[4 / 8, 0]], atol=1e-6)


def test_clips_that_stop_or_start_have_no_displacement() -> None:
    still = dots([(2, 2)] * 4)
    stops = dots([(2, 2), (2, 3), (2, 3), (2, 3)])
    clips = np.concatenate([still, stops, stops[:, ::-1]])
    assert motion.displacement(clips).tolist() == [[0, 0]] * 3
    assert motion.displacement(clips[:, :2]).tolist() == [[0, 0]] * 3  # one change
