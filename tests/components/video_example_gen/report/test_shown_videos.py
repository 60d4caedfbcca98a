import hashlib

import numpy as np

from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.report.shown_videos import (
    COPIED_PLACE,
    STATIC_PLACE,
    VIDEOS_PER_PLACE,
    ShownVideos,
    shown_classes,
)
from mocogan.components.video_example_gen.report.thumbnails import moving_thumbnail, still_thumbnail


def digest(video_id):
    return hashlib.sha256(video_id).digest()


def outcome_of(video_id, label=b"", static=0, clips=4, shard="0"):
    motion = (static, clips - static, 0, 0, 0, 0, 0, 0, 0)
    segments = (Segment(shard, 0, 0, 0, clips),)
    return VideoOutcome(video_id, label, clips, motion=motion, segments=segments)


def first_clip(segments):
    """A clip whose gray level is in the name of the shard."""
    return np.full((2, 8, 8, 3), int(segments[0].shard), np.uint8), 12.0


def test_in_each_place_the_videos_with_the_smallest_ranks_are_kept():
    labels = frozenset([b"a", b"caf\xe9"])
    ids = [b"%d.mp4" % number for number in range(40)]
    shown = ShownVideos(labels)
    for number, video_id in enumerate(ids):
        for label in (*labels, b"another"):
            shown.add(outcome_of(video_id, label, static=number % 3, shard=str(number)), copies=0)
    thumbnails = shown.thumbnails(first_clip)
    assert thumbnails.keys() == {("class", b"a"), ("class", b"caf\xe9"), STATIC_PLACE}
    for label in labels:
        shown_ids = [video_id for video_id, _ in thumbnails["class", label]]
        assert shown_ids == sorted(ids, key=digest)[:VIDEOS_PER_PLACE]
    static = [video_id for video_id, _ in thumbnails[STATIC_PLACE]]
    assert static == sorted(static)
    assert set(static) <= set(ids[2::3])
    assert len(static) == VIDEOS_PER_PLACE


def test_classes_show_moving_clips_and_lists_of_files_the_first_frame():
    shown = ShownVideos(frozenset([b"a"]))
    shown.add(outcome_of(b"a.mp4", b"a", static=1, shard="7"), copies=2)
    frames, fps = first_clip([Segment("7", 0, 0, 0, 4)])
    assert shown.thumbnails(first_clip) == {
        ("class", b"a"): [(b"a.mp4", moving_thumbnail(frames, fps))],
        STATIC_PLACE: [(b"a.mp4", still_thumbnail(frames))],
        COPIED_PLACE: [(b"a.mp4", still_thumbnail(frames))],
    }


def test_fifty_classes_are_shown_those_with_the_most_videos():
    labels = [b"%04d" % number for number in range(2000)]
    listed = [label for label in labels for _ in range(1 + (label >= b"1990"))]
    assert shown_classes(listed) == {*labels[1990:], *labels[:40]}
    assert shown_classes([]) == frozenset()
