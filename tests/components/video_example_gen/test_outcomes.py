from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.data.decoding.video_facts import VideoFacts


def test_json_keeps_a_name_that_is_not_utf8_and_stays_ascii():
    outcome = VideoOutcome(b"caf\xe9/\xff\n.mp4", b"caf\xe9", 3, "corrupt_frames", "ünreadable")
    line = outcome.to_json()
    assert line.isascii()
    assert "\n" not in line
    assert VideoOutcome.from_json(line) == outcome


def test_json_keeps_facts_and_motion():
    facts = VideoFacts("mp4", "h264", 64, 48, 29.97, None)
    outcome = VideoOutcome(b"a.mp4", b"", 3, facts=facts, motion=(1, 2, 0, 0, 0, 0, 0, 0, 0))
    read = VideoOutcome.from_json(outcome.to_json())
    assert read == outcome
    assert isinstance(read.facts, VideoFacts)


def test_json_keeps_the_original_of_a_copy():
    outcome = VideoOutcome(b"b", b"", 0, "duplicate", "copy", original=b"\xff/a\n")
    assert VideoOutcome.from_json(outcome.to_json()) == outcome


def test_the_first_bin_of_motion_counts_static_clips():
    assert VideoOutcome(b"a", b"", 3, motion=(1, 2, 0, 0, 0, 0, 0, 0, 0)).static_clips == 1


def test_a_video_is_accepted_without_a_code():
    assert VideoOutcome(b"a", b"", 2).accepted
    assert not VideoOutcome(b"a", b"", 0, "empty_file", "no bytes").accepted
