"""Videos -> examples of clips, as a Beam transform."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import apache_beam as beam

from components.video_example_gen.outcomes import VideoOutcome
from components.video_example_gen.video_progress import video_done
from data.decoding import decode_clips
from data.records import clip_to_example
from data.rejection import VideoRejected
from data.spec import IngestSpec

# (path, video id, label), all file-system bytes: Beam's coder for text refuses names that are not UTF-8.
Video = tuple[bytes, bytes, bytes]

_CLIPS = "clips"
_OUTCOMES = "outcomes"


class DecodingFailed(RuntimeError):
    """Decoding a file failed in a way no decoder foresees: a fault of this project, not of the file."""


class ClipsAndOutcomes(NamedTuple):
    """What `ClipsFromVideos` gives."""

    clips: beam.PCollection[tuple[bytes, bytes]]  # (video id, serialised tf.Example of a clip)
    outcomes: beam.PCollection[str]  # a `VideoOutcome` as JSON for every video


class ClipsFromVideos(beam.PTransform):
    """PCollection of `Video` -> ClipsAndOutcomes.

    A video gives all its clips or none: one that fails half-way is rejected, and the clips it gave till then are
    dropped. No video is ever held in memory as a whole.
    """

    def __init__(self, spec: IngestSpec) -> None:
        super().__init__()
        self._spec = spec

    def expand(self, videos: beam.PCollection[Video]) -> ClipsAndOutcomes:
        decoded = (
            videos
            | "SpreadVideos" >> beam.Reshuffle()
            | "ClipsOfVideos"
            >> beam.ParDo(_DecodeVideo(self._spec)).with_outputs(_OUTCOMES, main=_CLIPS)
        )
        broken_off = decoded[_OUTCOMES] | "BrokenOffVideos" >> beam.FlatMap(_broken_off)
        clips = decoded[_CLIPS] | "ClipsOfWholeVideos" >> beam.Filter(
            _is_whole, beam.pvalue.AsDict(broken_off)
        )
        return ClipsAndOutcomes(clips, decoded[_OUTCOMES])


@beam.typehints.with_input_types(Video)
class _DecodeVideo(beam.DoFn):
    def __init__(self, spec: IngestSpec) -> None:
        self._spec = spec

    def process(self, video: Video) -> Iterator[Any]:
        path, video_id, label = video
        clips, code, message = 0, "", ""
        try:
            for clip in decode_clips(path, self._spec):
                example = clip_to_example(clip, video_id, label)
                yield video_id, example.SerializeToString(deterministic=True)
                clips += 1
        except VideoRejected as rejection:
            code, message = rejection.code, rejection.message
        except Exception as error:  # only to name the file, which the traceback does not
            raise DecodingFailed(f"{os.fsdecode(path)!r}: {error!r}") from error
        outcome = VideoOutcome(video_id, label, clips, code, message)
        yield beam.pvalue.TaggedOutput(_OUTCOMES, outcome.to_json())
        video_done()


def _broken_off(outcome_json: str) -> Iterator[tuple[bytes, bool]]:
    outcome = VideoOutcome.from_json(outcome_json)
    if outcome.broke_off:
        yield outcome.video_id, True


def _is_whole(clip: tuple[bytes, bytes], broken_off: dict[bytes, bool]) -> bool:
    return clip[0] not in broken_off
