import random
from typing import get_args

import pytest

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report.notes import notes_on
from mocogan.components.video_example_gen.report.statistics import DURATION_EDGES, IngestStatistics
from mocogan.data.decoding.video_facts import Assumption, VideoFacts

STILL = (2, 0, 0, 0, 0, 0, 0, 0, 0)
LIVELY = (0, 0, 0, 0, 3, 0, 0, 0, 0)


def video(name, clips=1, motion=(0,) * 9, label=b"", **facts):
    described = {"format": "mp4", "codec": "h264", "width": 64, "height": 48} | facts
    return VideoOutcome(name, label, clips, facts=VideoFacts(**described), motion=motion)


def statistics_of(*outcomes_and_splits):
    statistics = IngestStatistics()
    for outcome, split in outcomes_and_splits:
        statistics.add(outcome, split)
    return statistics


def test_every_file_is_counted_once():
    statistics = statistics_of(
        (video(b"a/1", 2, STILL, b"a"), "train"),
        (video(b"b/1", 3, LIVELY, b"b"), "eval"),
        (VideoOutcome(b"b/2", b"b", 0, "too_short", "3 frames"), None),
        (VideoOutcome(b"a/0", b"a", 0, "too_short", "2 frames"), None),
    )
    assert (statistics.found, statistics.accepted) == (4, 2)
    assert statistics.videos == {"train": 1, "eval": 1}
    assert statistics.clips == {"train": 2, "eval": 3}
    assert statistics.videos_by_label == {"train": {b"a": 1}, "eval": {b"b": 1}}
    assert statistics.clips_by_label == {b"a": 2, b"b": 3}
    assert statistics.rejected_by_code == {"too_short": 2}
    assert [outcome.video_id for outcome in statistics.rejected] == [b"a/0", b"b/2"]
    assert statistics.motion == [2, 0, 0, 0, 3, 0, 0, 0, 0]
    assert statistics.static_clips == 2


def test_videos_with_static_clips_are_listed_by_share_and_then_by_number():
    motions = {b"a": (1, 3), b"b": (2, 0), b"c": (4, 0), b"d": (0, 5), b"e": (4, 0)}
    outcomes = [
        (video(name, static + rest, (static, rest, 0, 0, 0, 0, 0, 0, 0)), "train")
        for name, (static, rest) in motions.items()
    ]
    for ordered in (outcomes, outcomes[::-1]):
        statistics = statistics_of(*ordered)
        assert [o.video_id for o in statistics.static_videos] == [b"c", b"e", b"b", b"a"]
        assert statistics.num_static_videos == 4


def test_a_hundred_static_videos_are_listed_and_all_are_counted():
    statistics = statistics_of(*((video(b"%03d" % n, 2, STILL), "train") for n in range(250)))
    assert [o.video_id for o in statistics.static_videos] == [b"%03d" % n for n in range(100)]
    assert statistics.num_static_videos == 250


def test_copies_are_grouped_by_the_file_that_is_kept():
    pairs = [(b"z", b"a"), (b"c2", b"b"), (b"c1", b"b"), (b"y", b"a0")]
    copies = [VideoOutcome(copy, b"", 0, "duplicate", "", original=kept) for copy, kept in pairs]
    statistics = statistics_of(
        *((copy, None) for copy in copies), (VideoOutcome(b"x", b"", 0, "empty_file"), None)
    )
    assert statistics.copies == [(b"b", [b"c1", b"c2"]), (b"a", [b"z"]), (b"a0", [b"y"])]


def test_playing_times_fall_in_bins_that_end_below_their_edge():
    seconds = [0.4, 0.5, 0.99, 1, 7200, 1e6]
    statistics = statistics_of(
        *((video(b"%d" % number, seconds=s), "train") for number, s in enumerate(seconds)),
        (video(b"strip", seconds=None), "train"),
    )
    assert statistics.durations[:3] == [1, 2, 1]
    assert statistics.durations[len(DURATION_EDGES)] == 2
    assert sum(statistics.durations) == 6
    assert statistics.unknown_durations == 1
    assert statistics.seconds == pytest.approx(1007202.89)


def test_sizes_formats_and_whole_frame_rates_are_counted():
    statistics = statistics_of(
        (video(b"1", fps=29.97), "train"),
        (video(b"2", fps=30.0, width=1920, height=1080), "train"),
        (video(b"3", codec="vp9", format="matroska"), "eval"),
    )
    assert statistics.frame_rates == {30: 2, None: 1}
    assert statistics.resolutions == {(64, 48): 2, (1920, 1080): 1}
    assert statistics.formats == {("mp4", "h264"): 2, ("matroska", "vp9"): 1}


def test_the_order_of_the_files_does_not_matter():
    outcomes = [video(b"%d" % number, seconds=number / 7) for number in range(200)]
    outcomes += [VideoOutcome(b"%d" % number, b"", 0, "too_long", "") for number in range(50)]
    shuffled = random.Random(0).sample(outcomes, len(outcomes))

    def summary(ordered):
        statistics = statistics_of(*((o, "train" if o.accepted else None) for o in ordered))
        return statistics.seconds, statistics.durations, statistics.rejected

    assert summary(shuffled) == summary(outcomes)


def test_an_accepted_video_needs_a_split():
    with pytest.raises(ValueError, match=r"split must be one of \['train', 'eval'\], got None"):
        IngestStatistics().add(video(b"a"), None)


def test_assumptions_are_counted_and_told_in_a_note():
    statistics = statistics_of(
        (video(b"1", assumptions=("pixel_aspect", "hdr")), "train"),
        (video(b"2", assumptions=("pixel_aspect",)), "eval"),
        (video(b"3"), "eval"),
    )

    assert statistics.assumptions == {"pixel_aspect": 2, "hdr": 1}
    notes = [note for note in notes_on(statistics) if "pixels" in note or "HDR" in note]
    assert notes[0].startswith("2 videos: the pixels are not square. ")
    assert notes[1].startswith("1 video: HDR is tone-mapped to SDR. ")


def test_every_assumption_has_a_note():
    for assumption in get_args(Assumption):
        statistics = statistics_of((video(b"1", assumptions=(assumption,)), "train"))
        assert any(note.startswith("1 video: ") for note in notes_on(statistics))
