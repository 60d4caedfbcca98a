from itertools import count, islice

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.sampling import sample, sampled_numbers
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.rejection import VideoRejected

_PIXEL = np.zeros((1, 1, 3), np.uint8)


def _sampled(
    times: list[float], config: IngestConfig, last_duration: float | None = None
) -> list[int]:
    """Numbers of the frames that are kept: the same by the frames and by their times alone."""
    frames = [DecodedFrame(_PIXEL, seconds, last_duration) for seconds in times]
    numbers = {id(frame): number for number, frame in enumerate(frames)}
    kept = [numbers[id(frame)] for frame in sample(frames, config)]
    assert list(sampled_numbers(Timeline(times, last_duration), config)) == kept
    return kept


def test_stride_takes_every_nth_frame():
    assert _sampled([0.0] * 7, IngestConfig(frame_stride=3)) == [0, 3, 6]


def test_half_the_rate_takes_every_second_frame():
    assert _sampled([k / 25 for k in range(8)], IngestConfig(fps=12.5)) == [0, 2, 4, 6]


def test_the_same_rate_takes_every_frame():
    assert _sampled([k / 25 for k in range(8)], IngestConfig(fps=25)) == list(range(8))


def test_twice_the_rate_shows_every_frame_twice():
    assert _sampled([k / 25 for k in range(3)], IngestConfig(fps=50)) == [0, 0, 1, 1, 2, 2]


def test_variable_rate_goes_by_time():
    # Ticks 0.0, 0.1, 0.2, 0.3, 0.4; the last frame lasts 0.1, the mean.
    assert _sampled([0.0, 0.05, 0.07, 0.28, 0.4], IngestConfig(fps=10)) == [0, 2, 2, 3, 4]


@pytest.mark.parametrize(
    ("last_duration", "repeats"),
    [
        (None, 2),  # as long as the average frame, 0.2 s
        (0.1, 1),
        (0.5, 5),
        (0.001, 1),  # as long as the shortest frame, 0.1 s
        (1e6, 2),  # not believed
    ],
)
def test_the_last_frame_is_held_as_long_as_the_file_says(last_duration, repeats):
    kept = _sampled([0.0, 0.1, 0.4], IngestConfig(fps=10), last_duration)

    assert kept == [0, 1, 1, 1] + [2] * repeats


def test_a_single_frame_can_be_held_too():
    assert _sampled([0.0], IngestConfig(fps=10), 0.3) == [0, 0, 0]
    assert _sampled([0.0], IngestConfig(fps=10)) == [0]


def test_times_in_whole_milliseconds_lose_no_frame():
    times = [round(k * 1000 / 30) / 1000 for k in range(30)]

    assert _sampled(times, IngestConfig(fps=30)) == list(range(30))


def test_is_lazy():
    endless = (DecodedFrame(_PIXEL, k / 25) for k in count())

    assert len(list(islice(sample(endless, IngestConfig(fps=5)), 4))) == 4


def test_a_jump_of_years_is_damage():
    with pytest.raises(VideoRejected, match="corrupt_frames: the timestamps jump by 90000000 s"):
        _sampled([0.0, 9e7], IngestConfig(fps=10))
    with pytest.raises(VideoRejected, match="corrupt_frames: the timestamps jump by 90000000 s"):
        list(sampled_numbers(Timeline([0.0, 9e7]), IngestConfig(fps=10)))
