import hashlib
import io

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to
from PIL import Image

from mocogan.components.video_example_gen.report.contact_sheet import ThumbnailsPerClass, thumbnail


def test_a_thumbnail_is_a_jpeg_that_looks_like_the_frame():
    frame = np.zeros((16, 16, 3), np.uint8)
    frame[:, 8:] = (250, 120, 10)
    image = Image.open(io.BytesIO(thumbnail(frame)))
    assert (image.format, image.size) == ("JPEG", (16, 16))
    assert np.abs(np.asarray(image).astype(int) - frame).max() < 12


def test_a_large_frame_is_scaled_down_in_proportion():
    data = thumbnail(np.full((256, 512, 3), 90, np.uint8))
    assert Image.open(io.BytesIO(data)).size == (128, 64)


@pytest.mark.parametrize("arguments", [[], ["--direct_runner_bundle_repeat=2"]])
def test_of_each_class_the_videos_with_the_smallest_hashes_are_kept(arguments):
    videos = {
        label: [b"%s/%d.mp4" % (label, number) for number in range(count)]
        for label, count in {b"a": 40, b"caf\xe9": 3, b"": 1}.items()
    }
    given = [
        (label, (video, b"image of " + video))
        for label in videos
        for video in reversed(videos[label])
    ]
    smallest = {
        label: sorted(names, key=lambda name: hashlib.sha256(name).digest())[:12]
        for label, names in videos.items()
    }
    options = PipelineOptions(["--runner=FnApiRunner", *arguments])
    with TestPipeline(options=options) as pipeline:
        kept = pipeline | beam.Create(given) | beam.Reshuffle() | ThumbnailsPerClass()
        assert_that(
            kept,
            equal_to(
                [
                    (label, [(video, b"image of " + video) for video in sorted(names)])
                    for label, names in smallest.items()
                ]
            ),
        )
