from components.video_example_gen.outcomes import VideoOutcome


def test_json_keeps_a_name_that_is_not_utf8_and_stays_ascii():
    outcome = VideoOutcome(b"caf\xe9/\xff\n.mp4", b"caf\xe9", 3, "corrupt_frames", "ünreadable")
    line = outcome.to_json()
    assert line.isascii()
    assert "\n" not in line
    assert VideoOutcome.from_json(line) == outcome


def test_only_a_rejected_video_with_clips_broke_off():
    assert VideoOutcome(b"a", b"", 2, "corrupt_frames", "").broke_off
    assert not VideoOutcome(b"a", b"", 0, "empty_file", "").broke_off
    assert not VideoOutcome(b"a", b"", 2).broke_off
