import hashlib
import os

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from mocogan.components.video_example_gen.duplicates import SetCopiesAside
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.video import Video


def videos(folder, contents):
    for name, content in contents.items():
        path = os.path.join(os.fsencode(folder), name)
        with open(path, "wb") as file:
            file.write(content)
        yield path, name, b"label", b"", len(content)


def described(outcome_json):
    outcome = VideoOutcome.from_json(outcome_json)
    return outcome.video_id, outcome.label, outcome.code, outcome.message, outcome.original


def test_of_equal_files_the_first_by_name_is_the_original(tmp_path):
    contents = {
        b"c.mp4": b"same",
        b"a.mp4": b"same",
        b"b.mp4": b"same",
        b"d.mp4": b"size",
        b"e.mp4": b"another length",
    }
    with TestPipeline(runner="FnApiRunner") as pipeline:
        files = list(videos(tmp_path, contents))
        originals, outcomes = pipeline | beam.Create(files) | SetCopiesAside()
        kept = originals | beam.Map(lambda video: video[1])
        assert_that(kept, equal_to([b"a.mp4", b"d.mp4", b"e.mp4"]))
        copies = [
            (name, b"label", "duplicate", "the file is a byte-for-byte copy of 'a.mp4'", b"a.mp4")
            for name in (b"b.mp4", b"c.mp4")
        ]
        assert_that(outcomes | beam.Map(described), equal_to(copies), label="copies")


def test_empty_and_unreadable_files_are_left_to_the_decoder(tmp_path):
    files = list(videos(tmp_path, {b"a": b"", b"b": b"", b"caf\xe9": b"xy", b"gone": b"xy"}))
    os.unlink(files[-1][0])
    with TestPipeline(runner="FnApiRunner") as pipeline:
        originals, outcomes = pipeline | beam.Create(files) | SetCopiesAside()
        assert_that(originals | beam.Map(lambda video: tuple(video)[:5]), equal_to(files))
        assert_that(outcomes, equal_to([]), label="no copies")


def test_a_digest_that_is_known_is_not_computed_again(tmp_path):
    known = hashlib.sha256(b"same").hexdigest()
    files = [Video(*file) for file in videos(tmp_path, {b"a": b"same", b"b": b"same"})]
    os.unlink(files[1].path)
    files[1] = files[1]._replace(digest=known)
    with TestPipeline(runner="FnApiRunner") as pipeline:
        originals, outcomes = pipeline | beam.Create(map(tuple, files)) | SetCopiesAside()
        digests = originals | beam.Map(lambda video: (video[1], Video(*video).digest))
        assert_that(digests, equal_to([(b"a", known)]))
        copies = outcomes | beam.Map(lambda line: VideoOutcome.from_json(line).video_id)
        assert_that(copies, equal_to([b"b"]), label="copies")
