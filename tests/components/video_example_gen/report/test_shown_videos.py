import hashlib
import random

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report.shown_videos import (
    COPIED_PLACE,
    STATIC_PLACE,
    VIDEOS_PER_PLACE,
    PicturesToMake,
    ThumbnailsPerPlace,
    shown_classes,
)


def digest(video_id):
    return hashlib.sha256(video_id).digest()


def outcome_of(video_id, label=b"", static=0, clips=4):
    motion = (static, clips - static, 0, 0, 0, 0, 0, 0, 0)
    return VideoOutcome(video_id, label, clips, motion=motion)


@pytest.mark.parametrize("arguments", [[], ["--direct_runner_bundle_repeat=2"]])
def test_in_each_place_the_videos_with_the_smallest_ranks_are_kept(arguments):
    videos = {
        label: [b"%s/%d.mp4" % (label, number) for number in range(count)]
        for label, count in {b"a": 40, b"caf\xe9": 3, b"": 1}.items()
    }
    given = [
        (("class", label), (digest(video), video, b"image of " + video))
        for label in videos
        for video in reversed(videos[label])
    ]
    given += [(STATIC_PLACE, ((-0.5, -n, b"%d" % n), b"%d" % n, b"still")) for n in range(30)]
    smallest = [
        (("class", label), [(video, b"image of " + video) for video in sorted(names, key=digest)])
        for label, names in videos.items()
    ]
    smallest = [(place, shown[:12]) for place, shown in smallest]
    smallest += [(STATIC_PLACE, [(b"%d" % n, b"still") for n in range(29, 17, -1)])]
    options = PipelineOptions(["--runner=FnApiRunner", *arguments])
    with TestPipeline(options=options) as pipeline:
        kept = pipeline | beam.Create(given) | beam.Reshuffle() | ThumbnailsPerPlace()
        assert_that(kept, equal_to(smallest))


@pytest.mark.parametrize("num_bundles", [1, 3, 20])
def test_bundles_make_every_picture_that_is_shown_and_few_others(num_bundles):
    ids = [b"%d.mp4" % number for number in range(600)]
    random.Random(num_bundles).shuffle(ids)
    made = set()
    for bundle in range(num_bundles):
        pictures = PicturesToMake()
        for video_id in ids[bundle::num_bundles]:
            if pictures.places(outcome_of(video_id, b"a"), copies=0):
                made.add(video_id)
    assert made >= set(sorted(ids, key=digest)[:VIDEOS_PER_PLACE])
    assert len(made) < 110 * num_bundles


def test_a_video_has_a_place_in_its_class_among_static_and_among_copied_ones():
    places = PicturesToMake().places(outcome_of(b"a.mp4", b"a", static=1), copies=2)
    assert places == [
        (("class", b"a"), digest(b"a.mp4")),
        (STATIC_PLACE, (-0.25, -1, b"a.mp4")),
        (COPIED_PLACE, (-2, b"a.mp4")),
    ]
    assert PicturesToMake(frozenset([b"b"])).places(outcome_of(b"a.mp4", b"a"), copies=0) == []
    assert PicturesToMake(frozenset([b"b"])).places(outcome_of(b"a.mp4", b"b"), copies=0)


def test_fifty_classes_are_shown_those_with_the_most_videos():
    labels = [b"%04d" % number for number in range(2000)]
    listed = [label for label in labels for _ in range(1 + (label >= b"1990"))]
    assert shown_classes(listed) == {*labels[1990:], *labels[:40]}
    assert shown_classes([]) == frozenset()
