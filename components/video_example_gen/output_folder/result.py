"""The result of an ingest, from the outcomes of all files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.output_folder.folders import create_file
from mocogan.components.video_example_gen.output_folder.publishing import OUTCOMES
from mocogan.components.video_example_gen.output_folder.settled_shards import SettledShards
from mocogan.components.video_example_gen.output_folder.shards import segment_records
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.report.shown_videos import (
    Place,
    ShownVideos,
    Thumbnail,
    shown_classes,
)
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.components.video_example_gen.splits import SplitTally, outcome_key
from mocogan.data.config import IngestConfig
from mocogan.data.records.example_proto import Example
from mocogan.data.records.keys import FPS, FRAMES, HEIGHT, NUM_FRAMES, WIDTH
from mocogan.data.source.listing import Listing
from mocogan.data.source.source_files import SOURCE_FILES, source_lines


class IngestResult:
    """What is published of an ingest. The outcomes are read several times, because the splits depend on all of them.

    Args:
        outcome_files: Files with a `VideoOutcome` as JSON per line.
        listing: The data folder.
        config: Options of the ingest.
        unfinished: Folder of this ingest.
    """

    def __init__(
        self, outcome_files: Sequence[str], listing: Listing, config: IngestConfig, unfinished: str
    ) -> None:
        self._files = outcome_files
        self._listing = listing
        self._config = config
        self._statistics = IngestStatistics()
        self._shards = SettledShards(unfinished)
        self._has_examples = False
        self._shown = ShownVideos(shown_classes(video.label for video in listing.videos))
        self._tally = SplitTally(config.eval_fraction)
        copies: Counter[bytes] = Counter()  # by the video that is kept
        for outcome in self._outcomes():
            if outcome.accepted:
                self._tally.add(outcome_key(outcome))
            elif outcome.original:
                copies[outcome.original] += 1
        for outcome in self._outcomes():
            self._statistics.add(outcome, self._split(outcome) if outcome.accepted else None)
            if outcome.accepted:
                self._shards.add(outcome, self._split(outcome))
                self._shown.add(outcome, copies[outcome.video_id])

    def report(
        self, source: str, settings: Mapping[str, Any], taken_over_from: str = ""
    ) -> dict[str, Any]:
        """The content of the report.

        Args:
            source: Folder of the videos.
            settings: The `clip_settings` of this ingest.
            taken_over_from: Folder of the examples of the earlier ingest, or "".
        """
        notes = [*self._listing.notes, *self._decoder_notes()]
        report = reports.ingest_report(
            self._statistics, self._config, source, notes, self._listing.dataset
        )
        return report | {
            "clip_settings": dict(settings),
            "taken_over_from": taken_over_from if self._statistics.taken_over else "",
        }

    def failure(self, report: Mapping[str, Any]) -> Exception | None:
        """NoUsableVideos or TooManyRejected, or None if there are enough videos."""
        try:
            if not self._statistics.accepted:
                raise reports.no_accepted_video(report["source"], self._statistics.rejected)
            reports.check_rejected(report, self._config)
        except (reports.NoUsableVideos, reports.TooManyRejected) as error:
            return error
        return None

    def thumbnails(self) -> dict[Place, list[Thumbnail]]:
        """The pictures of the report's page. Must be called before `write_examples`."""
        return self._shown.thumbnails(_first_clip)

    def keep_examples(self, folder: str) -> None:
        """Keeps the clips in `folder` that were taken over, for a later ingest: the output is about to be deleted."""
        self._shards.keep(folder, (outcome for outcome in self._outcomes() if outcome.accepted))

    def write_examples(self, folder: str) -> None:
        """Writes the folders of the splits. Raises ClipsLost."""
        self._shards.copy_rest(
            (outcome, self._split(outcome)) for outcome in self._outcomes() if outcome.accepted
        )
        self._shards.place(folder)
        self._has_examples = True

    def write_report(
        self, report: dict[str, Any], thumbnails: Mapping[Place, Sequence[Thumbnail]], folder: str
    ) -> None:
        """Writes the report, the outcomes, and the list of the source files."""
        with create_file(FileSystems.join(folder, f"{OUTCOMES}-00000-of-00001.jsonl")) as file:
            for outcome in self._outcomes():
                file.write(self._final(outcome).to_json().encode("ascii") + b"\n")
        with create_file(FileSystems.join(folder, SOURCE_FILES)) as file:
            for line in source_lines(self._listing.contents):
                file.write(line.encode("ascii") + b"\n")
        reports.write_report(report, thumbnails, folder)

    def _final(self, outcome: VideoOutcome) -> VideoOutcome:
        if self._has_examples:
            return self._shards.settled(outcome)
        return replace(outcome, segments=())

    def _split(self, outcome: VideoOutcome) -> str:
        return self._tally.split_of(outcome_key(outcome))

    def _outcomes(self) -> Iterator[VideoOutcome]:
        for path in self._files:
            with FileSystems.open(path) as file:
                for line in file:
                    yield VideoOutcome.from_json(line.decode("ascii"))

    def _decoder_notes(self) -> list[str]:
        images = sum(
            number
            for (container, _), number in self._statistics.formats.items()
            if container in ("film strip", "numbered frames", "array")
        )
        if self._config.decoder == "tfio" and images:
            return ["decoder=tfio does not apply to film strips, numbered frames and arrays"]
        return []


def _first_clip(segments: Sequence[Segment]) -> tuple[np.ndarray, float | None]:
    """The frames [T, H, W, 3] uint8 and the frames per second of the first clip in the segments."""
    feature = Example.FromString(next(segment_records(segments))).features.feature
    shape = [feature[name].int64_list.value[0] for name in (NUM_FRAMES, HEIGHT, WIDTH)]
    frames = np.frombuffer(feature[FRAMES].bytes_list.value[0], np.uint8)
    fps = feature[FPS].float_list.value
    return frames.reshape(*shape, 3), fps[0] if fps else None
