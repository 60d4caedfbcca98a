"""A Beam transform that sets byte-for-byte copies of videos aside.

With a copy in each split, the model would be evaluated on videos that it was trained on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam

from mocogan.components.video_example_gen.video import Video
from mocogan.data.rejection import VideoRejected
from mocogan.data.source.content_digest import content_digest

_COPIES = "copies"
_ALIKE = "alike"


class OriginalsAndCopies(NamedTuple):
    """The outputs of `SetCopiesAside`."""

    originals: beam.PCollection[Video]
    outcomes: beam.PCollection[str]  # one `VideoOutcome` as JSON per copy


class SetCopiesAside(beam.PTransform):
    """PCollection of Video -> OriginalsAndCopies. Among equal files, the one with the first video id is the original.

    Reads only files that have the same size as another file, or that are compared with those of an earlier ingest.
    Their digest is known afterwards. A digest that is known already is not computed again.
    """

    def expand(self, videos: beam.PCollection[Video]) -> OriginalsAndCopies:
        by_size = (
            videos
            | "BySize" >> beam.Map(lambda video: (Video(*video).size, video))
            | "OfOneSize" >> beam.GroupByKey()
            | "SizesAlone" >> beam.FlatMap(_alone_in_size).with_outputs(_ALIKE, main="alone")
        )
        by_content = (
            by_size[_ALIKE]
            | "SpreadAlike" >> beam.Reshuffle()
            | "ByContent" >> beam.Map(lambda video: _with_content_key(Video(*video)))
            | "OfOneContent" >> beam.GroupByKey()
            | "Originals" >> beam.FlatMap(_first_of_equals).with_outputs(_COPIES, main="originals")
        )
        originals = (by_size["alone"], by_content["originals"]) | beam.Flatten()
        return OriginalsAndCopies(originals, by_content[_COPIES])


def _alone_in_size(group: tuple[int, Iterable[Video]]) -> Iterator[Any]:
    size, videos = group[0], list(group[1])
    alone = size == 0 or len(videos) == 1  # the decoder rejects empty files with their own code
    for video in videos:
        is_read = size > 0 and (not alone or Video(*video).compared)
        yield beam.pvalue.TaggedOutput(_ALIKE, video) if is_read else video


def _with_content_key(video: Video) -> tuple[bytes, Any]:
    if video.digest:
        return bytes.fromhex(video.digest), tuple(video)
    try:
        digest = content_digest(os.fsdecode(video.path))
    except (OSError, VideoRejected):  # the decoder reports the problem later
        return b"unread " + video.video_id, tuple(video)
    return digest, tuple(video._replace(digest=digest.hex()))


def _first_of_equals(group: tuple[bytes, Iterable[Video]]) -> Iterator[Any]:
    first, *copies = sorted((Video(*video) for video in group[1]), key=lambda v: v.video_id)
    yield tuple(first)
    shown = first.video_id.decode("utf-8", "backslashreplace")
    for copy in copies:
        outcome = copy.outcome(
            code="duplicate",
            message=f"the file is a byte-for-byte copy of {shown!r}",
            original=first.video_id,
        )
        yield beam.pvalue.TaggedOutput(_COPIES, outcome.to_json())
