import os

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from mocogan.components.video_example_gen.clips_from_videos import ClipsFromVideos
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import DecodingFailed
from mocogan.data.records import keys as records

CONFIG = IngestConfig(num_frames=4, size=16)


def video(path, label=b"", caption=b""):
    return os.fsencode(path), os.fsencode(path.name), label, caption, 0


def pipeline() -> TestPipeline:
    return TestPipeline(runner="FnApiRunner")


def describe(clip):
    video_id, serialized = clip
    feature = tf.train.Example.FromString(serialized).features.feature
    frames = feature[records.FRAMES].bytes_list.value[0]
    return (
        video_id,
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
        images = result.thumbnails | beam.MapTuple(lambda label, image: (label, image[0]))
        assert_that(images, equal_to([(b"walk", b"good.mp4")]), label="thumbnails")


def test_a_video_that_breaks_off_gives_no_clip(tmp_path, make_mp4):
    good = make_mp4(tmp_path / "good.mp4")
    broken = make_mp4(tmp_path / "broken.mp4", num_frames=40)
    _spoil_last_frames(broken)
    with pipeline() as p:
        result = p | beam.Create([video(good), video(broken)]) | ClipsFromVideos(CONFIG)
        ids = result.records | beam.Keys() | beam.Distinct()
        assert_that(ids, equal_to([b"good.mp4"]))
        assert_that(
            result.outcomes | beam.Map(accepted),
            equal_to([(b"good.mp4", 2, True), (b"broken.mp4", 0, False)]),
            label="outcomes",
        )
        assert_that(
            result.thumbnails | beam.MapTuple(lambda label, image: image[0]),
            equal_to([b"good.mp4"]),
            label="thumbnails",
        )


def test_a_fault_of_ours_is_raised_with_the_path():
    impossible = (b"/videos/nul\0.mp4", b"nul\0.mp4", b"", b"", 0)
    with pytest.raises(DecodingFailed, match=r"/videos/nul"), pipeline() as p:
        _ = p | beam.Create([impossible]) | ClipsFromVideos(CONFIG)


def _spoil_last_frames(path) -> None:
    """Overwrites the second half of the pictures, which lie in the file's `mdat` box."""
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    end = start - 8 + int.from_bytes(content[start - 8 : start - 4], "big")
    middle = (start + end) // 2
    content[middle:end] = bytes(end - middle)
    path.write_bytes(content)
