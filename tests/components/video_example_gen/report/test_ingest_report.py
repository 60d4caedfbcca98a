import json
import os

import pytest

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video_facts import VideoFacts

SPEC = IngestConfig(num_frames=4, size=16)


def statistics_of(outcomes):
    """The first video of each class goes to eval."""
    statistics = IngestStatistics()
    for outcome in outcomes:
        split = "eval" if outcome.video_id.endswith(b"/0.mp4") else "train"
        statistics.add(outcome, split if outcome.accepted else None)
    return statistics


def report_of(outcomes, notes=(), spec=SPEC):
    return reports.ingest_report(statistics_of(outcomes), spec, "/videos", notes)


def rejected(number, code="too_short"):
    return [
        VideoOutcome(b"%s%d.mp4" % (code.encode(), n), b"", 0, code, "why") for n in range(number)
    ]


def accepted(number, label=b"", clips=1, still=0):
    motion = (still, clips - still, 0, 0, 0, 0, 0, 0, 0)
    facts = VideoFacts("mp4", "h264", 64, 48, 25.0, 2.5)
    return [
        VideoOutcome(b"%s/%d.mp4" % (label, n), label, clips, facts=facts, motion=motion)
        for n in range(number)
    ]


def test_counts_by_split_and_label_add_up():
    outcomes = [*accepted(5, b"a", 2), *accepted(5, b"b", 2)]
    outcomes.append(VideoOutcome(b"a/bad.mp4", b"a", 0, "corrupt_frames", "frame 29 is damaged"))
    report = report_of(outcomes)
    assert report["videos"] == {
        "found": 11,
        "accepted": 10,
        "decoded": 0,
        "taken_over": 0,
        "seconds": 25.0,
        "rejected": [
            {"path": "a/bad.mp4", "code": "corrupt_frames", "message": "frame 29 is damaged"}
        ],
    }
    assert report["rejected_by_code"] == {"corrupt_frames": 1}
    assert report["clips"] == 20
    assert report["labels"] == {"a": 10, "b": 10}
    assert report["label_videos"] == {"a": 5, "b": 5}
    train, evaluation = report["splits"]["train"], report["splits"]["eval"]
    assert train["videos"] + evaluation["videos"] == 10
    assert train["clips"] == 2 * train["videos"]
    assert evaluation["clips"] == 2 * evaluation["videos"] > 0
    assert (report["source"], report["decoder"], report["notes"]) == ("/videos", "pyav", [])
    assert IngestConfig.model_validate(report["spec"]) == SPEC


def test_histograms_count_every_video_and_clip():
    report = report_of(accepted(6, clips=3, still=0))
    durations = report["durations"]
    assert len(durations["counts"]) == len(durations["edges"]) + 1
    assert durations["counts"][durations["edges"].index(5)] == 6  # 2.5 s lies below the edge at 5 s
    assert report["frame_rates"] == {"counts": {"25": 6}, "unknown": 0}
    assert report["resolutions"] == {"counts": {"64x48": 6}, "others": 0}
    assert report["formats"] == {"mp4, h264": 6}
    assert report["motion"]["counts"] == [0, 18, 0, 0, 0, 0, 0, 0, 0]
    assert report["static_clips"] == 0


def test_static_videos_are_named_with_their_clips():
    report = report_of([*accepted(2, b"a", clips=4, still=1), *accepted(3, b"b", clips=2)])
    assert report["static_videos"] == {
        "count": 2,
        "first": [
            {"path": "a/0.mp4", "static_clips": 1, "clips": 4},
            {"path": "a/1.mp4", "static_clips": 1, "clips": 4},
        ],
    }


def test_copies_are_grouped_beside_the_file_that_is_kept():
    copies = [
        VideoOutcome(name, b"", 0, "duplicate", "why", original=b"a/caf\xe9.mp4")
        for name in (b"c.mp4", b"b.mp4")
    ]
    report = report_of([*accepted(2), *copies])
    assert report["duplicates"] == [{"kept": r"a/caf\xe9.mp4", "copies": ["b.mp4", "c.mp4"]}]
    assert report["rejected_by_code"] == {"duplicate": 2}


def test_of_many_resolutions_the_most_frequent_are_named():
    outcomes = accepted(2)
    for width in range(16, 46):
        facts = VideoFacts("mp4", "h264", width, 16)
        outcomes.append(VideoOutcome(b"%d" % width, b"", 1, facts=facts))
    resolutions = report_of(outcomes)["resolutions"]
    assert len(resolutions["counts"]) == 20
    assert next(iter(resolutions["counts"].items())) == ("64x48", 2)
    assert resolutions["others"] == 11


def test_one_video_is_noted():
    report = report_of([VideoOutcome(b"a.mp4", b"", 3)])
    assert report["splits"]["eval"] == {"videos": 0, "clips": 0}
    assert len(report["notes"]) == 1
    assert "only one video" in report["notes"][0]


def test_a_class_without_a_video_in_train_is_noted():
    notes = report_of([*accepted(2, b"a"), *accepted(1, b"b")], ["first"])["notes"]
    assert notes == [
        "first",
        "class 'b' has no video in the train split, so the model cannot learn it",
    ]


def test_many_classes_without_a_video_in_train_do_not_bury_the_rest():
    outcomes = [outcome for n in range(30) for outcome in accepted(1, b"%d" % n)]
    notes = report_of(outcomes)["notes"]
    assert len(notes) == 11
    assert notes[-1] == "20 more classes have no video in the train split"


def test_static_clips_are_noted_above_a_tenth():
    assert report_of(accepted(10, clips=10, still=1))["notes"] == []
    (note,) = report_of(accepted(10, clips=10, still=2))["notes"]
    assert "20 of 100 clips are static" in note


def test_images_with_little_in_common_are_noted():
    def images(name, clips, format="numbered frames"):
        facts = VideoFacts(format, "jpeg", 64, 48)
        return VideoOutcome(name, b"", sum(clips), facts=facts, motion=(0,) * 7 + clips)

    outcomes = [
        images(b"film", (3, 3)),
        images(b"cut.mp4", (0, 3), "mp4"),
        images(b"b", (0, 1), "array"),
    ]

    assert not any("little in common" in note for note in report_of(outcomes[:2])["notes"])
    assert report_of([*outcomes, images(b"a", (1, 2))])["notes"][-1] == (
        "the images of 2 videos have little in common, such as 'a', 'b'. If they are photos and not the "
        "frames of a film, remove them"
    )


def test_very_unequal_classes_are_noted():
    assert report_of([*accepted(4, b"a", 10), *accepted(4, b"b", 1)])["notes"] == []
    (note,) = report_of([*accepted(4, b"a", 11), *accepted(4, b"b", 1)])["notes"]
    assert "class 'a' has 44 clips and class 'b' has 4 clips" in note


def test_copies_are_noted():
    (note,) = report_of([*accepted(4), *rejected(7, "duplicate")])["notes"]
    assert note == "7 files are byte-for-byte copies of others and were left out"
    (note,) = report_of([*accepted(4), *rejected(1, "duplicate")])["notes"]
    assert note == "1 file is a byte-for-byte copy of another and was left out"


def test_equal_runs_write_equal_files_and_leave_nothing_else(tmp_path):
    outcomes = [*accepted(4), *rejected(3), *rejected(2, "empty_file")]
    for folder, order in (("one", outcomes), ("two", outcomes[::-1])):
        reports.write_report(report_of(order), {}, str(tmp_path / folder))
    for name in (reports.REPORT_FILE, reports.PAGE_FILE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(os.listdir(tmp_path / "one")) == [reports.PAGE_FILE, reports.REPORT_FILE]


def test_an_earlier_report_is_replaced(tmp_path):
    for number in (2, 3):
        reports.write_report(report_of(accepted(number)), {}, str(tmp_path))
    assert json.loads((tmp_path / reports.REPORT_FILE).read_text())["videos"]["accepted"] == 3


def test_a_report_is_written_to_a_remote_folder(memory_store):
    reports.write_report(report_of(accepted(4)), {}, "mem://bucket/report")
    written = {address: stored.content for address, stored in memory_store.OBJECTS.items()}
    page, report = (
        f"mem://bucket/report/{name}" for name in (reports.PAGE_FILE, reports.REPORT_FILE)
    )
    assert set(written) == {page, report}
    assert written[page].startswith(b"<!DOCTYPE html>")
    assert json.loads(written[report])["videos"]["accepted"] == 4


def test_names_and_messages_that_are_not_utf8_show_escaped(tmp_path):
    outcomes = [
        VideoOutcome(b"\xff.mp4", b"", 0, "open_failed", "cannot open '\udcff.mp4'"),
        *accepted(1, b"caf\xe9"),
    ]
    report = reports.ingest_report(statistics_of(outcomes), SPEC, "/\udcff")
    reports.write_report(report, {}, str(tmp_path))
    read = json.loads((tmp_path / reports.REPORT_FILE).read_text("utf-8"))
    assert read["videos"]["rejected"][0]["path"] == r"\xff.mp4"
    assert read["videos"]["rejected"][0]["message"] == r"cannot open '\udcff.mp4'"
    assert read["source"] == r"/\udcff"
    assert read["labels"] == {r"caf\xe9": 1}


def test_without_a_usable_video_the_error_names_counts_reasons_and_the_fix():
    with pytest.raises(
        reports.NoUsableVideos,
        match=(
            r"no usable video in '/videos': 8 of 8 files .*too_short0\.mp4: too_short: why; "
            r".*; and 3 more\).*num_frames"
        ),
    ):
        raise reports.no_accepted_video("/videos", statistics_of(rejected(8)).rejected)


def test_rejections_up_to_the_allowed_ratio_pass():
    outcomes = [*accepted(7), *rejected(3)]
    for ratio in (0.3, 1.0):
        reports.check_rejected(
            report_of(outcomes), SPEC.model_copy(update={"max_rejected_ratio": ratio})
        )
    reports.check_rejected(
        report_of(accepted(1)), SPEC.model_copy(update={"max_rejected_ratio": 0.0})
    )


def test_more_rejections_than_allowed_are_an_error_that_tells_why_and_what_to_do():
    outcomes = [*accepted(2), *rejected(6), *rejected(2, "empty_file")]
    spec = IngestConfig(max_rejected_ratio=0.25)
    with pytest.raises(
        reports.TooManyRejected,
        match=(
            r"8 of 10 files in '/videos' were rejected \(too_short: 6, empty_file: 2\)\. "
            r"The ratio 0\.8 is above ingest\.max_rejected_ratio=0\.25\. "
            r".*empty_file0\.mp4: empty_file: why; .*and 3 more.*raise the ratio"
        ),
    ):
        reports.check_rejected(report_of(outcomes), spec)


def test_videos_that_were_taken_over_are_counted_and_noted():
    videos = [
        VideoOutcome(b"%d.mp4" % number, b"", 2, identity="known", taken_over=number > 0)
        for number in range(4)
    ]
    copy = VideoOutcome(
        b"5.mp4", b"", code="duplicate", message="", original=b"1.mp4", identity="known"
    )
    report = report_of([*videos, copy])
    assert (report["videos"]["decoded"], report["videos"]["taken_over"]) == (1, 3)
    assert "3 of 4 videos were taken over from an earlier ingest, and 1 decoded" in report["notes"]
