import os
import subprocess
import sys
from tempfile import SpooledTemporaryFile

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from mocogan.components.video_example_gen.clips_from_videos import (
    ClipsFromVideos,
    _DecodeVideo,
    _read_back,
)
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report.shown_videos import STATIC_PLACE
from mocogan.components.video_example_gen.report.thumbnails import moving_thumbnail, still_thumbnail
from mocogan.components.video_example_gen.splits import split_key
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.isolation.isolated_decoder import DecodingFailed
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip

CONFIG = IngestConfig(num_frames=4, size=16)


def video(path, label=b"", caption=b""):
    return os.fsencode(path), os.fsencode(path.name), label, caption, 0


def pipeline() -> TestPipeline:
    return TestPipeline(runner="FnApiRunner")


def describe(clip):
    feature = tf.train.Example.FromString(clip[1]).features.feature
    frames = feature[records.FRAMES].bytes_list.value[0]
    return (
        feature[records.VIDEO_ID].bytes_list.value[0],
        feature[records.LABEL].bytes_list.value[0],
        feature[records.CAPTION].bytes_list.value[0],
        feature[records.CLIP_INDEX].int64_list.value[0],
        np.frombuffer(frames, np.uint8).reshape(4, 16, 16, 3).shape,
    )


def accepted(outcome_json):
    outcome = VideoOutcome.from_json(outcome_json)
    return outcome.video_id, outcome.clips, outcome.accepted


def test_a_video_gives_its_clips_one_outcome_and_one_thumbnail(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "good.mp4", num_frames=9)
    with pipeline() as p:
        result = p | beam.Create([video(path, b"walk", b"a walk")]) | ClipsFromVideos(CONFIG)
        expected = [(b"good.mp4", b"walk", b"a walk", i, (4, 16, 16, 3)) for i in range(2)]
        assert_that(result.records | beam.Map(describe), equal_to(expected))
        assert_that(
            result.outcomes | beam.Map(accepted),
            equal_to([(b"good.mp4", 2, True)]),
            label="outcomes",
        )
        facts = result.outcomes | beam.Map(lambda o: VideoOutcome.from_json(o).facts[1:4])
        assert_that(facts, equal_to([("h264", 32, 32)]), label="facts")
        shown = result.thumbnails | beam.MapTuple(lambda place, thumbnail: (place, thumbnail[1]))
        assert_that(shown, equal_to([(("class", b"walk"), b"good.mp4")]), label="thumbnails")


def test_a_video_that_breaks_off_gives_no_clip(tmp_path, make_mp4):
    good = make_mp4(tmp_path / "good.mp4")
    broken = make_mp4(tmp_path / "broken.mp4", num_frames=40)
    _spoil_last_frames(broken)
    with pipeline() as p:
        result = p | beam.Create([video(good), video(broken)]) | ClipsFromVideos(CONFIG)
        keys = result.records | beam.Keys() | beam.Distinct()
        assert_that(keys, equal_to([split_key(b"good.mp4")]))
        assert_that(
            result.outcomes | beam.Map(accepted),
            equal_to([(b"good.mp4", 2, True), (b"broken.mp4", 0, False)]),
            label="outcomes",
        )
        assert_that(
            result.thumbnails | beam.MapTuple(lambda place, thumbnail: thumbnail[1]),
            equal_to([b"good.mp4"]),
            label="thumbnails",
        )


def test_a_fault_of_ours_is_raised_with_the_path():
    impossible = (b"/videos/nul\0.mp4", b"nul\0.mp4", b"", b"", 0)
    with pytest.raises(DecodingFailed, match=r"/videos/nul"), pipeline() as p:
        _ = p | beam.Create([impossible]) | ClipsFromVideos(CONFIG)


def test_a_full_disk_is_no_fault_of_the_video(tmp_path, make_mp4):
    """Clips wait in a file when they are many; these take 34 MiB, and no file may be larger than one."""
    path = make_mp4(tmp_path / "a.mp4", num_frames=48)
    program = (
        "import resource, sys, apache_beam as beam\n"
        "from mocogan.components.video_example_gen.clips_from_videos import ClipsFromVideos\n"
        "from mocogan.data.config import IngestConfig\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n"
        "config = IngestConfig(num_frames=4, size=512, store_size=1024)\n"
        "video = (sys.argv[1].encode(), b'a.mp4', b'', b'', 0)\n"
        "try:\n"
        "    with beam.Pipeline(runner='FnApiRunner') as pipeline:\n"
        "        pipeline | beam.Create([video]) | ClipsFromVideos(config)\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )

    assert "cannot write clips to the temporary folder" in done.stdout
    assert "File too large" in done.stdout


def test_clips_of_a_pass_that_was_given_up_are_void(tmp_path):
    clips = [
        Clip(np.full((4, 16, 16, 3), level, np.uint8), index, 0.0)
        for level, index in ((10, 0), (20, 1), (30, 0), (40, 1), (50, 2))
    ]
    facts = VideoFacts("mp4", "h264", 16, 16)
    decoding = _DecodeVideo(CONFIG, VideoProgress())
    with SpooledTemporaryFile() as spool:
        outcome, first_clip = decoding._spool(
            DecodedVideo(lambda: facts, iter(clips)), Video(*video(tmp_path)), spool
        )
        kept = [tf.train.Example.FromString(record) for record in _read_back(spool)]

    levels = [example.features.feature["frames"].bytes_list.value[0][0] for example in kept]
    assert levels == [30, 40, 50]
    assert (outcome.clips, sum(outcome.motion)) == (3, 3)
    np.testing.assert_array_equal(first_clip.frames, clips[2].frames)


def thumbnails_of(frames, names, copies=0, shown_classes=None):
    """(place, video id, image) of each thumbnail that one bundle makes of videos with this clip."""
    decoding = _DecodeVideo(CONFIG, VideoProgress(), shown_classes)
    decoding.start_bundle()
    made = []
    for name in names:
        decoded = DecodedVideo(
            lambda: VideoFacts("mp4", "h264", 16, 16), iter([Clip(frames, 0, 0.0, fps=12)])
        )
        with SpooledTemporaryFile() as spool:
            outcome, first_clip = decoding._spool(decoded, Video(b"", name, b"a", b"", 0), spool)
        made += decoding._thumbnails(outcome, copies, first_clip)
    return [(place, video_id, image) for place, (_, video_id, image) in made]


def test_a_class_shows_the_moving_clip_and_lists_of_files_show_a_frame():
    moving = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    still = np.repeat(moving[:1], 4, axis=0)
    assert thumbnails_of(moving, [b"1"]) == [(("class", b"a"), b"1", moving_thumbnail(moving, 12))]
    assert thumbnails_of(still, [b"1"], copies=1) == [
        (("class", b"a"), b"1", moving_thumbnail(still, 12)),
        (STATIC_PLACE, b"1", still_thumbnail(still)),
        (("copied", b""), b"1", still_thumbnail(still)),
    ]


def test_videos_that_are_surely_not_shown_get_no_thumbnail():
    clip = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    names = [b"%d" % number for number in range(300)]
    assert 12 <= len(thumbnails_of(clip, names)) < 100
    assert thumbnails_of(clip, names, shown_classes=frozenset([b"b"])) == []


def _spoil_last_frames(path) -> None:
    """Overwrites the second half of the pictures, which lie in the file's `mdat` box."""
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    end = start - 8 + int.from_bytes(content[start - 8 : start - 4], "big")
    middle = (start + end) // 2
    content[middle:end] = bytes(end - middle)
    path.write_bytes(content)
