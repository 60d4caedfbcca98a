"""Which outcomes of earlier ingests later ones use."""

import pytest

from mocogan.components.video_example_gen.finished.finished_videos import FinishedVideos
from mocogan.components.video_example_gen.outcomes import VideoOutcome


@pytest.mark.parametrize(
    ("code", "stays"),
    [
        ("too_short", True),
        ("corrupt_frames", True),
        ("decode_timeout", False),  # also of storage that did not answer
        ("decoder_crash", False),  # also of a decoder that the kernel ended
        ("open_failed", False),
        ("out_of_memory", False),
    ],
)
def test_a_rejection_stays_unless_its_cause_can_lie_outside_the_video(code: str, stays: bool):
    found = FinishedVideos()
    found.add([VideoOutcome(b"a.mp4", b"", code=code, identity="1").to_json()], {})
    assert bool(found.find(b"a.mp4", "1")) == stays
