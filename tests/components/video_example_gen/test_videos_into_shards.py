import os
import subprocess
import sys

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from mocogan.components.video_example_gen.decoded_clips import DecodedClips
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.output_folder.shards import segment_records
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.videos_into_shards import VideosIntoShards
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


def describe(record):
    feature = tf.train.Example.FromString(record).features.feature
    frames = feature[records.FRAMES].bytes_list.value[0]
    return (
        feature[records.VIDEO_ID].bytes_list.value[0],
        feature[records.LABEL].bytes_list.value[0],
        feature[records.CAPTION].bytes_list.value[0],
        feature[records.CLIP_INDEX].int64_list.value[0],
        np.frombuffer(frames, np.uint8).reshape(4, 16, 16, 3).shape,
    )


def clips_of(outcome_json):
    return [*segment_records(VideoOutcome.from_json(outcome_json).segments)]


def accepted(outcome_json):
    outcome = VideoOutcome.from_json(outcome_json)
    return outcome.video_id, outcome.clips, outcome.accepted


def test_a_video_gives_its_clips_and_one_outcome(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "good.mp4", num_frames=9)
    with pipeline() as p:
        outcomes = (
            p
            | beam.Create([video(path, b"walk", b"a walk")])
            | VideosIntoShards(CONFIG, str(tmp_path))
        )
        expected = [(b"good.mp4", b"walk", b"a walk", i, (4, 16, 16, 3)) for i in range(2)]
        assert_that(outcomes | beam.FlatMap(clips_of) | beam.Map(describe), equal_to(expected))
        counted = outcomes | "Counted" >> beam.Map(accepted)
        assert_that(counted, equal_to([(b"good.mp4", 2, True)]), label="outcomes")
        facts = outcomes | "Facts" >> beam.Map(lambda o: VideoOutcome.from_json(o).facts[1:4])
        assert_that(facts, equal_to([("h264", 32, 32)]), label="facts")


def test_a_video_that_breaks_off_gives_no_clip(tmp_path, make_mp4):
    good = make_mp4(tmp_path / "good.mp4")
    broken = make_mp4(tmp_path / "broken.mp4", num_frames=40)
    _spoil_last_frames(broken)
    with pipeline() as p:
        videos = p | beam.Create([video(good), video(broken)])
        outcomes = videos | VideosIntoShards(CONFIG, str(tmp_path))
        assert_that(
            outcomes | beam.Map(accepted),
            equal_to([(b"good.mp4", 2, True), (b"broken.mp4", 0, False)]),
        )


def test_a_fault_of_ours_is_raised_with_the_path(tmp_path):
    impossible = (b"/videos/nul\0.mp4", b"nul\0.mp4", b"", b"", 0)
    with pytest.raises(DecodingFailed, match=r"/videos/nul"), pipeline() as p:
        _ = p | beam.Create([impossible]) | VideosIntoShards(CONFIG, str(tmp_path))


def test_a_full_disk_is_no_fault_of_the_video(tmp_path, make_mp4):
    """Clips wait in a file when they are many; these take 34 MiB, and no file may be larger than one."""
    path = make_mp4(tmp_path / "a.mp4", num_frames=48)
    program = (
        "import resource, sys\n"
        "from mocogan.components.video_example_gen.decoded_clips import DecodedClips\n"
        "from mocogan.components.video_example_gen.video import Video\n"
        "from mocogan.data.config import IngestConfig\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n"
        "config = IngestConfig(num_frames=4, size=512, store_size=1024)\n"
        "try:\n"
        "    DecodedClips(config).decode(Video(sys.argv[1].encode(), b'a.mp4', b'', b'', 0))\n"
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
    decoding = DecodedClips(CONFIG)
    outcome = decoding._keep_clips(
        DecodedVideo(lambda: facts, iter(clips)), Video(*video(tmp_path))
    )
    kept = [tf.train.Example.FromString(record) for record in decoding.records()]
    decoding.close()

    levels = [example.features.feature["frames"].bytes_list.value[0][0] for example in kept]
    assert levels == [30, 40, 50]
    assert (outcome.clips, sum(outcome.motion)) == (3, 3)


def _spoil_last_frames(path) -> None:
    """Overwrites the second half of the pictures, which lie in the file's `mdat` box."""
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    end = start - 8 + int.from_bytes(content[start - 8 : start - 4], "big")
    middle = (start + end) // 2
    content[middle:end] = bytes(end - middle)
    path.write_bytes(content)
