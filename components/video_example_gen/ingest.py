"""The ingest: a folder of videos -> shards of clips in two splits, and a report on every file. Needs no TFX."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.clips_from_videos import ClipsFromVideos
from mocogan.components.video_example_gen.duplicates import SetCopiesAside
from mocogan.components.video_example_gen.folders import (
    OutputRefused,
    claimed,
    create_file,
    delete_files,
    delete_trees,
    files_like,
    make_folder,
)
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.report.shown_videos import (
    Place,
    Thumbnail,
    ThumbnailsPerPlace,
    shown_classes,
)
from mocogan.components.video_example_gen.report.statistics import IngestStatistics
from mocogan.components.video_example_gen.shards import (
    SHARD_NAME,
    WriteShards,
)
from mocogan.components.video_example_gen.splits import (
    TallyKeys,
    split_key,
    split_of,
    tally_keys,
)
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress, shown_progress
from mocogan.data import atomic
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import check_decoder
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.source.listing import Listing, list_videos
from mocogan.data.source.source_files import SOURCE_FILES, source_lines

_OUTCOMES = "videos"  # files beside the report, with one outcome per input file
_THUMBNAILS = "thumbnails"
_LINES_FILE = r"-\d{5}-of-\d{5}\.jsonl"
# The temporary folder of one run. It remains only if the run was killed.
_UNFINISHED = r"ingest-[0-9a-f]{32}" + re.escape(atomic.SUFFIX)
# The files that write_listing writes.
_LISTED = "listed-videos.jsonl"
_LISTED_REJECTED = "listed-rejected.jsonl"


class IngestVideos(beam.PTransform):
    """Reads the listed videos and writes their clips as shards under `examples`, on any Beam runner.

    The input is the listing that `write_listing` wrote to `unfinished`. The output is a PCollection with one element,
    the number of shards.

    Args:
        config: Options of the ingest.
        examples: Folder for the clips, with a subfolder per split.
        unfinished: Temporary folder with the listing, for this run only. Outcomes, thumbnails and unfinished shards
            are written there.
        progress: Counts clips and videos for a progress bar.
        shown_classes: Labels of the classes that get thumbnails. None: all classes.
    """

    def __init__(
        self,
        config: IngestConfig,
        examples: str,
        unfinished: str,
        progress: VideoProgress | None = None,
        shown_classes: frozenset[bytes] | None = None,
    ) -> None:
        super().__init__()
        self._config = config
        self._examples = examples
        self._unfinished = unfinished
        self._progress = progress
        self._shown_classes = shown_classes

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection[int]:
        listed = begin | "ListedVideos" >> self._read_lines(_LISTED)
        rejected = begin | "ListedRejections" >> self._read_lines(_LISTED_REJECTED)
        videos = listed | "Videos" >> beam.Map(lambda line: tuple(Video.from_json(line)))
        originals, copies = videos | "Originals" >> SetCopiesAside()
        decoded = originals | "ClipsFromVideos" >> ClipsFromVideos(
            self._config, self._progress, self._shown_classes
        )
        outcomes = (rejected, copies, decoded.outcomes) | "Outcomes" >> beam.Flatten()
        tally = (
            outcomes
            | "SplitKeys" >> beam.FlatMap(_split_keys)
            | "Tally" >> beam.CombineGlobally(TallyKeys(self._config.eval_fraction))
        )
        outcomes | "OutcomesFile" >> self._write_lines(_OUTCOMES)
        (
            decoded.thumbnails
            | "ThumbnailsPerPlace" >> ThumbnailsPerPlace()
            | "ThumbnailsAsText" >> beam.Map(json.dumps, default=_in_base64)
            | "ThumbnailsFile" >> self._write_lines(_THUMBNAILS)
        )
        num_clips = (
            outcomes
            | "ClipsOfVideo" >> beam.Map(lambda line: VideoOutcome.from_json(line).clips)
            | "NumClips" >> beam.CombineGlobally(sum)
        )
        return decoded.records | "Shards" >> WriteShards(
            self._examples, self._unfinished, tally, num_clips, self._config.eval_fraction
        )

    def _read_lines(self, name: str) -> beam.PTransform:
        return beam.io.ReadFromText(FileSystems.join(self._unfinished, name))

    def _write_lines(self, name: str) -> beam.PTransform:
        path = FileSystems.join(self._unfinished, name)
        return beam.io.WriteToText(path, file_name_suffix=".jsonl")


def ingest(
    source: str,
    config: IngestConfig,
    examples: str,
    report_folder: str,
    make_pipeline: Callable[[], beam.Pipeline],
) -> dict[str, Any]:
    """Writes the examples and the report for the videos under `source`. Returns the content of the report.

    The output of an earlier ingest in the folders is replaced. The report is written last, so a folder without a
    report holds an unfinished ingest.

    Raises:
        NoVideos: the folder has no files.
        NoUsableVideos: no file gives a clip. The report is written, but no examples.
        TooManyRejected: more files are rejected than `config.max_rejected_ratio` allows. The report is written, but no
            examples.
        folders.OutputRefused, ffmpeg4.DecoderUnavailable, data_set_error.DataSetError,
            folder_contents.FileSystemUnavailable, OSError: nothing is changed.
    """
    check_decoder(config.decoder)
    listing = list_videos(source, config.images, config.dataset, config.view)
    if not listing.videos and not listing.rejected:
        raise reports.no_files(source)
    pipeline = make_pipeline()  # fail on invalid Beam flags before anything is deleted
    with claimed(examples), nullcontext() if report_folder == examples else claimed(report_folder):
        _delete_earlier(examples, report_folder)
        unfinished = make_folder(examples, f"ingest-{uuid.uuid4().hex}{atomic.SUFFIX}")
        write_listing(listing, unfinished)
        with shown_progress(len(listing.videos), unfinished) as progress, pipeline:
            classes = shown_classes(video.label for video in listing.videos)
            _ = pipeline | "Ingest" >> IngestVideos(config, examples, unfinished, progress, classes)
        outcomes = files_like(unfinished, _OUTCOMES + _LINES_FILE)
        statistics = _statistics(outcomes, config)
        notes = [*listing.notes, *_decoder_notes(statistics, config)]
        report = reports.ingest_report(statistics, config, source, notes, listing.dataset)
        try:
            if not statistics.accepted:
                raise reports.no_accepted_video(source, statistics.rejected)
            reports.check_rejected(report, config)
        except (reports.NoUsableVideos, reports.TooManyRejected):
            _delete_splits(examples)
            raise
        finally:
            names = [FileSystems.split(path)[1] for path in outcomes]
            FileSystems.rename(outcomes, [FileSystems.join(report_folder, name) for name in names])
            _write_source_files(listing, report_folder)
            reports.write_report(report, _read_thumbnails(unfinished), report_folder)
            delete_trees(examples, _UNFINISHED)
    return report


def write_listing(listing: Listing, folder: str) -> None:
    """Writes the listing to files for `IngestVideos`. A Beam job description is too small for a million names."""
    with create_file(FileSystems.join(folder, _LISTED)) as file:
        for video in listing.videos:
            file.write(Video.of(video).to_json().encode() + b"\n")
    with create_file(FileSystems.join(folder, _LISTED_REJECTED)) as file:
        for rejected in listing.rejected:
            outcome = VideoOutcome(
                rejected.video_id, rejected.label, code=rejected.code, message=rejected.message
            )
            file.write(outcome.to_json().encode() + b"\n")


def _write_source_files(listing: Listing, report_folder: str) -> None:
    with create_file(FileSystems.join(report_folder, SOURCE_FILES)) as file:
        for line in source_lines(listing.contents):
            file.write(line.encode("ascii") + b"\n")


def _split_keys(outcome_json: str) -> list[bytes]:
    """The split key of an accepted video."""
    outcome = VideoOutcome.from_json(outcome_json)
    return [_split_key(outcome)] if outcome.accepted else []


def _split_key(outcome: VideoOutcome) -> bytes:
    return split_key(outcome.video_id, outcome.split, outcome.group)


def _in_base64(image: bytes) -> str:
    return base64.b64encode(image).decode("ascii")


def _statistics(files: list[str], config: IngestConfig) -> IngestStatistics:
    """Reads the outcomes twice, because each video's split depends on all videos."""
    keys = (_split_key(outcome) for outcome in _read_outcomes(files) if outcome.accepted)
    tally = tally_keys(keys, config.eval_fraction)
    statistics = IngestStatistics()
    for outcome in _read_outcomes(files):
        key = _split_key(outcome)
        split = split_of(key, tally, config.eval_fraction) if outcome.accepted else None
        statistics.add(outcome, split)
    return statistics


def _read_outcomes(files: list[str]) -> Iterator[VideoOutcome]:
    return map(VideoOutcome.from_json, _lines(files))


def _read_thumbnails(unfinished: str) -> dict[Place, list[Thumbnail]]:
    """The thumbnails of each place."""
    thumbnails = {}
    for line in _lines(files_like(unfinished, _THUMBNAILS + _LINES_FILE)):
        (part, label), shown = json.loads(line)
        thumbnails[part, base64.b64decode(label)] = [
            (base64.b64decode(video_id), base64.b64decode(image)) for video_id, image in shown
        ]
    return thumbnails


def _lines(files: list[str]) -> Iterator[str]:
    for path in files:
        with FileSystems.open(path) as file:
            for line in file:
                yield line.decode("ascii")


def _decoder_notes(statistics: IngestStatistics, config: IngestConfig) -> list[str]:
    images = sum(
        number
        for (container, _), number in statistics.formats.items()
        if container in ("film strip", "numbered frames", "array")
    )
    if config.decoder == "tfio" and images:
        return ["decoder=tfio does not apply to film strips, numbered frames and arrays"]
    return []


def _delete_earlier(examples: str, report_folder: str) -> None:
    """Deletes the output of an earlier ingest, and nothing else.

    Raises OutputRefused when a split's folder contains other files.
    """
    for split in (TRAIN, EVAL):
        folder = FileSystems.join(examples, split_folder(split))
        if foreign := set(files_like(folder, ".*")) - set(files_like(folder, SHARD_NAME)):
            raise OutputRefused(
                f"{min(foreign)!r} was not written by an ingest and would be used for training. Move it, or choose "
                "another output folder"
            )
    # The report is deleted first: without a report, the remaining files do not count as a finished ingest.
    for name in (reports.REPORT_FILE, reports.PAGE_FILE):
        delete_files(report_folder, re.escape(name))
    delete_files(report_folder, _OUTCOMES + _LINES_FILE)
    delete_files(report_folder, re.escape(SOURCE_FILES))
    _delete_splits(examples)
    delete_trees(examples, _UNFINISHED)


def _delete_splits(examples: str) -> None:
    for split in (TRAIN, EVAL):
        delete_files(FileSystems.join(examples, split_folder(split)), SHARD_NAME)
