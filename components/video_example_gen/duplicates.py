"""A Beam transform that sets byte-for-byte copies of videos aside.

With a copy in each split, the model would be evaluated on videos that it was trained on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam

from mocogan.components.video_example_gen.outcomes import VideoOutcome
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

    Originals know the number of their copies. Reads only files that have the same size as another file.
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
            | "ByContent" >> beam.Map(lambda video: (_content_key(Video(*video)), video))
            | "OfOneContent" >> beam.GroupByKey()
            | "Originals" >> beam.FlatMap(_first_of_equals).with_outputs(_COPIES, main="originals")
        )
        originals = (by_size["alone"], by_content["originals"]) | beam.Flatten()
        return OriginalsAndCopies(originals, by_content[_COPIES])


def _alone_in_size(group: tuple[int, Iterable[Video]]) -> Iterator[Any]:
    size, videos = group[0], list(group[1])
    alone = size == 0 or len(videos) == 1  # the decoder rejects empty files with their own code
    for video in videos:
        yield video if alone else beam.pvalue.TaggedOutput(_ALIKE, video)


def _content_key(video: Video) -> bytes:
    try:
        return content_digest(os.fsdecode(video.path))
    except (OSError, VideoRejected):  # the decoder reports the problem later
        return b"unread " + video.video_id


def _first_of_equals(group: tuple[bytes, Iterable[Video]]) -> Iterator[Any]:
    first, *copies = sorted((Video(*video) for video in group[1]), key=lambda v: v.video_id)
    yield first._replace(copies=len(copies))
    shown = first.video_id.decode("utf-8", "backslashreplace")
    for copy in copies:
        outcome = VideoOutcome(
            copy.video_id,
            copy.label,
            code="duplicate",
            message=f"the file is a byte-for-byte copy of {shown!r}",
            original=first.video_id,
        )
        yield beam.pvalue.TaggedOutput(_COPIES, outcome.to_json())
