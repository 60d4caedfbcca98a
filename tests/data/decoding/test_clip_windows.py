"""Which windows become clips, on a film in memory; tests/data/test_pyav_decoder.py seeks in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.clip_windows import cut_clips, window_starts
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.sampling import sample
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.rejection import VideoRejected
from tests.support.clips import final_clips


class Film:
    """Gray frames of 8x8 whose level is their number, held in memory."""

    def __init__(self, times: Sequence[float], seekable: bool = True) -> None:
        self.facts = VideoFacts("memory", "gray", 8, 8)
        self.begun_at: list[int] = []
        self._times = times
        self._seekable = seekable

    def timeline(self) -> Timeline:
        if not self._seekable:
            raise CannotSeek("by choice")
        return Timeline(self._times)

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        self.begun_at.append(first)
        for number in range(first, len(self._times)):
            pixels = np.full((8, 8, 3), number, np.uint8)
            yield DecodedFrame(pixels, self._times[number])


class MisdatedFilm(Film):
    """Its timeline() tells of a frame that is not there, as a packet without a picture does."""

    def timeline(self) -> Timeline:
        between = (self._times[9] + self._times[10]) / 2
        return Timeline([*self._times[:10], between, *self._times[10:]])


def _even(count: int, rate: float = 25) -> list[float]:
    return [number / rate for number in range(count)]


def _config(**settings) -> IngestConfig:
    return IngestConfig(**{"num_frames": 4, "size": 8, **settings})


def _numbers(film: Film, config: IngestConfig, video_id: bytes = b"v") -> list[list[int]]:
    """Of the frames in each clip."""
    clips = final_clips(cut_clips(film, config, video_id))
    assert [clip.index for clip in clips] == list(range(len(clips)))
    return [clip.frames[:, 0, 0, 0].tolist() for clip in clips]


def test_all_windows_follow_one_another_in_one_pass():
    film = Film(_even(11))

    assert _numbers(film, _config()) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert film.begun_at == [0]


def test_the_first_windows_end_the_decoding():
    film, seen = Film(_even(100)), []

    clips = list(
        cut_clips(film, _config(clips_per_video=2, clip_placement="first"), on_frame=seen.append)
    )

    assert [clip.frames[0, 0, 0, 0] for clip in clips] == [0, 4]
    assert len(seen) <= 9


def test_uniform_windows_lie_in_the_middle_of_equal_parts():
    # Parts of 10 frames around 5, 15 and 25; a clip of 4 begins 2 before that.
    assert _numbers(Film(_even(30)), _config(clips_per_video=3)) == [
        [3, 4, 5, 6],
        [13, 14, 15, 16],
        [23, 24, 25, 26],
    ]


def test_stride_counts_in_kept_frames():
    # Of 40 frames 20 are kept; the middle window begins with the 9th, which is frame 16.
    config = _config(clips_per_video=1, frame_stride=2)

    assert _numbers(Film(_even(40)), config) == [[16, 18, 20, 22]]


def test_no_more_windows_than_fit():
    config = _config(clips_per_video=9)

    assert _numbers(Film(_even(8)), config) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_longer_recordings_get_more_windows_and_none_spans_two():
    config = _config(clips_per_video=3)

    # The middle of 10 frames, and of the two halves of 30 frames after 10 and 3 others.
    assert window_starts([10, 3, 30], config, b"v") == [3, 19, 33]
    # All that fit: 2 in 10 frames, none in 3.
    assert window_starts([3, 10], config, b"v") == [3, 9]
    placed = _config(clips_per_video=3, clip_placement="random")
    for video in range(50):
        starts = window_starts([6, 5, 6], placed, str(video).encode())
        assert all(
            first <= start <= last
            for start, (first, last) in zip(starts, [(0, 2), (6, 7), (11, 13)], strict=True)
        )


@pytest.mark.parametrize("placement", ["uniform", "random"])
@settings(deadline=None)
@given(
    total=st.integers(2, 3000),
    length=st.integers(2, 40),
    wanted=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_windows_never_overlap_nor_leave_the_video(placement, total, length, wanted, seed):
    config = IngestConfig(
        num_frames=length, clips_per_video=wanted, clip_placement=placement, seed=seed
    )

    starts = window_starts([total], config, b"v")

    assert len(starts) == min(wanted, total // length)
    assert all(later - earlier >= length for earlier, later in pairwise(starts))
    assert not starts or (starts[0] >= 0 and starts[-1] + length <= total)


def test_random_windows_are_those_of_seed_and_video():
    config = _config(clips_per_video=3, clip_placement="random", seed=1)
    starts = window_starts([1000], config, b"a")

    assert window_starts([1000], config, b"a") == starts
    assert window_starts([1000], config, b"b") != starts
    assert window_starts([1000], config.model_copy(update={"seed": 2}), b"a") != starts


def test_every_random_placement_is_as_likely():
    # 2 windows of 2 in 5 frames: at (0, 2), (0, 3) or (1, 3).
    config = IngestConfig(num_frames=2, clips_per_video=2, clip_placement="random")
    drawn = [tuple(window_starts([5], config, str(video).encode())) for video in range(900)]

    assert set(drawn) == {(0, 2), (0, 3), (1, 3)}
    assert all(240 < drawn.count(places) < 360 for places in set(drawn))


@pytest.mark.parametrize("fps", [3.0, 10.0, 24.0, 60.0])
def test_windows_by_time_are_cut_from_the_frames_that_streaming_keeps(fps):
    steps = np.random.default_rng(0).uniform(0.005, 0.2, 60)
    film = Film([0.0, *np.cumsum(steps).tolist()])
    config = _config(fps=fps, clips_per_video=3, clip_placement="random")
    kept = [int(frame.image[0, 0, 0]) for frame in sample(film.frames(), config)]

    starts = window_starts([len(kept)], config, b"v")

    assert _numbers(film, config) == [kept[start : start + 4] for start in starts]


@pytest.mark.parametrize(
    ("config", "fps"), [({}, 25.0), ({"frame_stride": 2}, 12.5), ({"fps": 8.0}, 8.0)]
)
@pytest.mark.parametrize("placement", [{}, {"clips_per_video": 1}])
def test_clips_know_their_frame_rate(config, fps, placement):
    film = Film(_even(40))
    unknown = list(cut_clips(film, _config(**placement)))
    film.facts = film.facts._replace(fps=25.0)

    known = list(cut_clips(film, _config(**config, **placement)))

    assert {clip.fps for clip in unknown} == {None}
    assert {clip.fps for clip in known} == {fps}


def test_seeking_leaves_out_what_is_not_needed():
    film, seen = Film(_even(200)), []

    clips = list(cut_clips(film, _config(clips_per_video=2), on_frame=seen.append))

    assert seen == [number / 25 for number in (48, 49, 50, 51, 148, 149, 150, 151)]
    assert [clip.start_seconds for clip in clips] == [48 / 25, 148 / 25]


def test_without_seeking_the_windows_are_the_same_and_time_goes_on():
    config, seen = _config(clips_per_video=2, clip_placement="random"), []

    assert _numbers(Film(_even(50), seekable=False), config) == _numbers(Film(_even(50)), config)
    list(cut_clips(Film(_even(50), seekable=False), config, on_frame=seen.append))

    assert seen == sorted(seen)  # twice through the film, but never back in time
    assert seen[49:51] == [1.96, 1.96]


@pytest.mark.parametrize("placement", [{}, {"clips_per_video": 2}])
def test_an_undated_frame_counts_as_a_twenty_fifth_of_a_second(placement):
    """Strips and folders of frames tell no time; who waits for a long one must see it go on."""
    film, seen = Film([0.0] * 8), []

    clips = list(cut_clips(film, _config(**placement), on_frame=seen.append))

    assert seen == [number / 25 for number in range(8)]
    assert [clip.start_seconds for clip in clips] == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(4))
def test_times_that_prove_wrong_are_counted_anew(seed):
    config = _config(clips_per_video=8, clip_placement="random", seed=seed)

    assert _numbers(MisdatedFilm(_even(50)), config) == _numbers(Film(_even(50)), config)


@pytest.mark.parametrize(
    "placement", [{}, {"clips_per_video": 2}, {"clips_per_video": 1, "clip_placement": "first"}]
)
def test_short_videos_are_rejected_looped_or_padded(placement):
    film = Film(_even(3))

    with pytest.raises(
        VideoRejected,
        match=r"too_short: the video has 3 frames, but a clip of 8 with ingest\.frame_stride=1 needs 8",
    ):
        _numbers(film, _config(num_frames=8, **placement))
    looped = _config(num_frames=8, short_videos="loop", **placement)
    assert _numbers(film, looped) == [[0, 1, 2, 0, 1, 2, 0, 1]]
    padded = _config(num_frames=8, short_videos="pad", **placement)
    assert _numbers(film, padded) == [[0, 1, 2, 2, 2, 2, 2, 2]]


def test_a_video_long_enough_is_neither_looped_nor_padded():
    assert _numbers(Film(_even(6)), _config(short_videos="pad")) == [[0, 1, 2, 3]]


@pytest.mark.parametrize("short_videos", ["reject", "loop", "pad"])
def test_nothing_cannot_be_lengthened(short_videos):
    with pytest.raises(VideoRejected, match="zero_frames"):
        _numbers(Film([]), _config(short_videos=short_videos))


def test_too_short_by_time_says_how_many_are_there_and_needed():
    with pytest.raises(
        VideoRejected, match=r"6 frames, which give 2 at ingest\.fps=5\.0, but a clip needs 8"
    ):
        _numbers(Film(_even(6)), _config(num_frames=8, fps=5))


@pytest.mark.parametrize("placement", [{}, {"clips_per_video": 1}])
def test_too_long_is_found_in_the_frames_themselves(placement):
    with pytest.raises(VideoRejected) as caught:
        _numbers(Film(_even(100)), _config(max_seconds=2, **placement))

    assert caught.value.code == "too_long"
    assert "ingest.max_seconds=2. " in caught.value.message


def test_more_clips_than_memory_holds_come_back_in_order():
    """Placed clips wait in a file until the last is made: 5 times 16 MiB here, 64 in memory."""
    config = IngestConfig(num_frames=6, size=1024 // 2, store_size=1024, clips_per_video=5)

    numbers = [clip.frames[:, 0, 0, 0].tolist() for clip in cut_clips(Film(_even(30)), config)]

    assert numbers == [list(range(start, start + 6)) for start in range(0, 30, 6)]
