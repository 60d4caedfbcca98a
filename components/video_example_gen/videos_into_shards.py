"""Videos -> shards of clips, as a Beam transform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

import apache_beam as beam

from mocogan.components.video_example_gen.decoded_clips import DecodedClips
from mocogan.components.video_example_gen.finished.described_again import described_again
from mocogan.components.video_example_gen.finished.taking_over import taken_over
from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.output_folder.shards import (
    SHARD_BYTES,
    BundleShards,
    segment_records,
)
from mocogan.components.video_example_gen.splits import first_split, split_key
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress
from mocogan.data.config import IngestConfig


@beam.typehints.with_output_types(str)
class VideosIntoShards(beam.PTransform):
    """PCollection of `Video` -> PCollection of one `VideoOutcome` as JSON per video, whose segments are in `folder`.

    The clips of a video with an earlier outcome come from its shards, the others are decoded.

    Args:
        config: Options of the ingest.
        folder: Folder for the shards and their journals.
        progress: Counts clips and videos for a progress bar.
        max_bytes: Size at which a shard is closed, in compressed bytes.
    """

    def __init__(
        self,
        config: IngestConfig,
        folder: str,
        progress: VideoProgress | None = None,
        max_bytes: int = SHARD_BYTES,
    ) -> None:
        super().__init__()
        self._writing = _WriteVideo(config, folder, progress or VideoProgress(), max_bytes)

    def expand(self, videos: beam.PCollection[Video]) -> beam.PCollection[str]:
        return videos | "SpreadVideos" >> beam.Reshuffle() | "Outcomes" >> beam.ParDo(self._writing)


@beam.typehints.with_output_types(str)
class _WriteVideo(beam.DoFn):
    def __init__(
        self, config: IngestConfig, folder: str, progress: VideoProgress, max_bytes: int
    ) -> None:
        self._config = config
        self._folder = folder
        self._progress = progress
        self._max_bytes = max_bytes

    def setup(self) -> None:
        self._clips = DecodedClips(self._config)

    def start_bundle(self) -> None:
        self._shards = BundleShards(self._folder, self._max_bytes)

    def finish_bundle(self) -> None:
        self._shards.close()
        self._progress.write()

    def teardown(self) -> None:
        self._clips.close()

    def process(self, element: Video) -> Iterator[str]:
        video = Video(*element)
        if video.earlier:
            outcome = taken_over(video, json.loads(video.earlier))
            records = described_again(segment_records(outcome.segments), video)
        else:
            outcome = self._clips.decode(video)
            records = self._clips.records()
        if outcome.accepted:
            outcome = replace(outcome, segments=self._write(outcome, records))
        self._shards.finished(outcome)
        yield outcome.to_json()
        self._progress.video_done()

    def _write(self, outcome: VideoOutcome, records: Iterable[bytes]) -> tuple[Segment, ...]:
        key = split_key(outcome.video_id, outcome.split, outcome.group)
        split = first_split(key, self._config.eval_fraction)
        return self._shards.write(split, self._counted(records))

    def _counted(self, records: Iterable[bytes]) -> Iterator[bytes]:
        for record in records:
            yield record
            self._progress.clip_done()
