import json

import pytest

from components.video_example_gen import report as reports
from components.video_example_gen.outcomes import VideoOutcome
from data.spec import IngestSpec

SPEC = IngestSpec(num_frames=4, size=16, eval_fraction=0.5)


def test_counts_by_split_and_label_add_up():
    outcomes = [VideoOutcome(b"%s/%d.mp4" % (c, n), c, 2) for c in (b"a", b"b") for n in range(5)]
    outcomes.append(VideoOutcome(b"a/bad.mp4", b"a", 7, "corrupt_frames", "frame 29 is damaged"))
    report = reports.ingest_report(outcomes, SPEC, "/videos")
    assert report["videos"] == {
        "found": 11,
        "accepted": 10,
        "rejected": [
            {"path": "a/bad.mp4", "code": "corrupt_frames", "message": "frame 29 is damaged"}
        ],
    }
    assert report["clips"] == 20
    assert report["labels"] == {"a": 10, "b": 10}
    train, evaluation = report["splits"]["train"], report["splits"]["eval"]
    assert train["videos"] + evaluation["videos"] == 10
    assert train["clips"] == 2 * train["videos"]
    assert evaluation["clips"] == 2 * evaluation["videos"] > 0
    assert (report["source"], report["decoder"], report["notes"]) == ("/videos", "pyav", [])


def test_one_video_is_noted():
    report = reports.ingest_report([VideoOutcome(b"a.mp4", b"", 3)], SPEC, "/videos")
    assert report["splits"]["eval"] == {"videos": 0, "clips": 0}
    assert len(report["notes"]) == 1
    assert "only one video" in report["notes"][0]


def test_a_class_without_a_video_in_train_is_noted():
    outcomes = [VideoOutcome(b"%s/x.mp4" % c, c, 1) for c in (b"a", b"b")]
    notes = reports.ingest_report(outcomes, SPEC, "/videos", ["first"])["notes"]
    assert notes[0] == "first"
    assert "has no video in the train split" in notes[1]


def test_names_that_are_not_utf8_show_escaped(tmp_path):
    report = reports.ingest_report(
        [VideoOutcome(b"\xff.mp4", b"", 0, "empty_file", "no bytes"), VideoOutcome(b"a", b"", 1)],
        SPEC,
        "/videos",
    )
    reports.write_report(report, str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [reports.REPORT_FILE]
    read = json.loads((tmp_path / reports.REPORT_FILE).read_text("utf-8"))
    assert read["videos"]["rejected"][0]["path"] == r"\xff.mp4"


def test_the_error_names_counts_reasons_and_the_fix():
    outcomes = [VideoOutcome(b"%d.mp4" % n, b"", 0, "too_short", "3 frames") for n in range(8)]
    with pytest.raises(
        reports.NoUsableVideos,
        match=r"no usable video in '/videos': 8 of 8 files .*0\.mp4: too_short: 3 frames; .*and 3 more.*num_frames",
    ):
        raise reports.no_accepted_video("/videos", outcomes)
