"""A Beam transform that takes videos over from earlier ingests, without decoding them again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import apache_beam as beam

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress

_BY_CONTENT = "by content"
_TO_WRITE = "to write"


class TakenOver(NamedTuple):
    """The outputs of `TakeOver`."""

    outcomes: beam.PCollection[
        str
    ]  # one `VideoOutcome` as JSON per video whose records stay as they are
    videos: beam.PCollection[
        Video
    ]  # the others: with an earlier outcome, only their records are written again


class TakeOver(beam.PTransform):
    """PCollection of `Video` -> TakenOver.

    A video is taken over if the listing found its earlier outcome and it has not changed since, or if another file with
    the same content was accepted earlier: it was renamed, or only touched.

    Args:
        accepted: Outcomes of earlier accepted videos as JSON, whose content may be that of a video, or None.
        progress: Counts videos for a progress bar.
    """

    def __init__(
        self, accepted: beam.PCollection[str] | None, progress: VideoProgress | None = None
    ) -> None:
        super().__init__()
        self._accepted = accepted
        self._progress = progress or VideoProgress()

    def expand(self, videos: beam.PCollection[Video]) -> TakenOver:
        known = videos | "Known" >> beam.FlatMap(_known).with_outputs(
            _BY_CONTENT, _TO_WRITE, main="known"
        )
        found, to_write = known["known"], known[_TO_WRITE]
        if self._accepted is None:
            to_write = (to_write, known[_BY_CONTENT]) | "ToWrite" >> beam.Flatten()
        else:
            renamed = self._by_content(known[_BY_CONTENT], self._accepted)
            found = (found, renamed["renamed"]) | "Found" >> beam.Flatten()
            to_write = (to_write, renamed[_TO_WRITE]) | "ToWrite" >> beam.Flatten()
        return TakenOver(found | "Counted" >> beam.ParDo(_CountVideos(self._progress)), to_write)

    def _by_content(
        self, videos: beam.PCollection[Video], accepted: beam.PCollection[str]
    ) -> beam.pvalue.DoOutputsTuple:
        by_content = {
            "videos": videos | "ContentOfVideos" >> beam.Map(lambda v: (Video(*v).digest, v)),
            "accepted": accepted
            | "ContentOfAccepted" >> beam.Map(lambda line: (json.loads(line)["digest"], line)),
        } | "SameContent" >> beam.CoGroupByKey()
        return by_content | "Renamed" >> beam.FlatMap(_renamed).with_outputs(
            _TO_WRITE, main="renamed"
        )


def taken_over(video: Video, earlier: Mapping[str, Any]) -> VideoOutcome:
    """The outcome of a video with the result of an earlier ingest, given as `VideoOutcome` in JSON values."""
    result = VideoOutcome.from_values(earlier)
    if not result.accepted:
        return video.outcome(code=result.code, message=result.message, taken_over=True)
    return video.outcome(
        clips=result.clips,
        facts=result.facts,
        motion=result.motion,
        digest=video.digest or result.digest,
        segments=result.segments,
        taken_over=True,
    )


def _known(element: Video) -> Iterator[Any]:
    """Takes a video over by its own earlier outcome, if its content is the same."""
    video = Video(*element)
    if video.earlier:
        earlier = json.loads(video.earlier)
        if not video.compared or (video.digest and video.digest == earlier["digest"]):
            yield from _found(video, earlier)
            return
    video = video._replace(earlier="")
    yield beam.pvalue.TaggedOutput(_BY_CONTENT if video.digest else _TO_WRITE, tuple(video))


def _renamed(group: tuple[str, Mapping[str, Iterable[Any]]]) -> Iterator[Any]:
    """Takes a video over by the earlier outcome of another file with the same content."""
    _, found = group
    accepted = sorted(found["accepted"])
    for video in map(Video._make, found["videos"]):
        ending = os.path.splitext(video.video_id)[1]
        for line in accepted:
            earlier = json.loads(line)
            # FFmpeg also judges the format by the ending.
            if os.path.splitext(os.fsencode(earlier["video_id"]))[1] == ending:
                yield from _found(video._replace(earlier=line), earlier)
                break
        else:
            yield beam.pvalue.TaggedOutput(_TO_WRITE, tuple(video))


def _found(video: Video, earlier: Mapping[str, Any]) -> Iterator[Any]:
    outcome = taken_over(video, earlier)
    before = tuple(os.fsencode(earlier[name]) for name in ("video_id", "label", "caption"))
    if outcome.accepted and before != (video.video_id, video.label, video.caption):
        yield beam.pvalue.TaggedOutput(_TO_WRITE, tuple(video))
    else:
        yield outcome.to_json()


@beam.typehints.with_input_types(str)
@beam.typehints.with_output_types(str)
class _CountVideos(beam.DoFn):
    def __init__(self, progress: VideoProgress) -> None:
        self._progress = progress

    def process(self, element: str) -> Iterator[str]:
        yield element
        self._progress.video_done()

    def finish_bundle(self) -> None:
        self._progress.write()
