"""The ingest: a folder of videos -> shards of clips in two splits, and a report on every file. Needs no TFX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.duplicates import SetCopiesAside
from mocogan.components.video_example_gen.finished.earlier_ingests import (
    earlier_videos,
    note_ingest,
)
from mocogan.components.video_example_gen.finished.finished_videos import FinishedVideos
from mocogan.components.video_example_gen.finished.settings import clip_settings
from mocogan.components.video_example_gen.finished.taking_over import TakeOver
from mocogan.components.video_example_gen.finished.unfinished_folder import (
    delete_unfinished,
    new_unfinished,
)
from mocogan.components.video_example_gen.listed_videos import (
    ACCEPTED_FILE,
    LISTED_FILE,
    REJECTED_FILE,
    write_listed,
)
from mocogan.components.video_example_gen.output_folder.folders import claimed, files_like
from mocogan.components.video_example_gen.output_folder.publishing import (
    OUTCOMES,
    OUTCOMES_FILE,
    check_output,
    complete_publishing,
    new_whole,
    publish,
)
from mocogan.components.video_example_gen.output_folder.result import IngestResult
from mocogan.components.video_example_gen.report import ingest_report as reports
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress, shown_progress
from mocogan.components.video_example_gen.videos_into_shards import VideosIntoShards
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import check_decoder
from mocogan.data.source.listing import list_videos


class IngestVideos(beam.PTransform):
    """Reads the listed videos and writes their clips as shards, on any Beam runner.

    The input is the listing that `write_listed` wrote to `unfinished`. The output is a PCollection of one
    `VideoOutcome` as JSON for each input file. They are also written to files in `unfinished`.

    Args:
        config: Options of the ingest.
        unfinished: Folder of this ingest, for the listing, the shards and the outcomes.
        progress: Counts clips and videos for a progress bar.
        compares: Whether videos are compared with earlier ones by content, as `write_listed` returns it.
    """

    def __init__(
        self,
        config: IngestConfig,
        unfinished: str,
        progress: VideoProgress | None = None,
        compares: bool = False,
    ) -> None:
        super().__init__()
        self._compares = compares
        self._config = config
        self._unfinished = unfinished
        self._progress = progress

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection[str]:
        rejected = begin | "ListedRejections" >> self._read_lines(REJECTED_FILE)
        listed = begin | "ListedVideos" >> self._read_lines(LISTED_FILE)
        videos = listed | "Videos" >> beam.Map(lambda line: tuple(Video.from_json(line)))
        originals, copies = videos | "Originals" >> SetCopiesAside()
        accepted = None
        if self._compares:
            accepted = begin | "EarlierAccepted" >> self._read_lines(ACCEPTED_FILE)
        taken_over = originals | "TakenOver" >> TakeOver(accepted, self._progress)
        written = taken_over.videos | "VideosIntoShards" >> VideosIntoShards(
            self._config, self._unfinished, self._progress
        )
        outcomes = (rejected, copies, taken_over.outcomes, written) | "Outcomes" >> beam.Flatten()
        path = FileSystems.join(self._unfinished, OUTCOMES)
        outcomes | "OutcomesFile" >> beam.io.WriteToText(path, file_name_suffix=".jsonl")
        return outcomes

    def _read_lines(self, name: str) -> beam.PTransform:
        return beam.io.ReadFromText(FileSystems.join(self._unfinished, name))


def ingest(
    source: str,
    config: IngestConfig,
    examples: str,
    report_folder: str,
    make_pipeline: Callable[[], beam.Pipeline],
    resume_root: str | None = None,
    force: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Writes the examples and the report for the videos under `source`. Returns the content of the report.

    Videos that an earlier ingest with the same settings has finished are taken over. The output of an earlier ingest in
    the folders is replaced at the end, as a whole. The report is written last, so a folder without a report holds an
    unfinished ingest.

    Args:
        source: Folder of the videos.
        config: Options of the ingest.
        examples: Folder for the clips, with a subfolder per split.
        report_folder: Folder for the report.
        make_pipeline: Makes the Beam pipeline.
        resume_root: Folder that ingests into different folders share. It holds unfinished ingests, and knows the newest
            finished ones. Default: only what is in `examples` is taken over.
        force: Whether all videos are decoded, whatever earlier ingests have finished.
        tell: Called with a line about what is taken over.

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
    pipeline = make_pipeline()  # fail on invalid Beam flags before anything is written
    work_folder = resume_root or examples
    settings = clip_settings(config)
    with claimed(examples, report_folder, work_folder):
        check_output(examples)
        complete_publishing(examples, report_folder)
        earlier = (
            FinishedVideos()
            if force
            else earlier_videos(examples, report_folder, resume_root, settings, tell)
        )
        unfinished = new_unfinished(work_folder, settings)
        compares = write_listed(listing, earlier, config, unfinished)
        with shown_progress(len(listing.videos), unfinished) as progress, pipeline:
            _ = pipeline | "Ingest" >> IngestVideos(config, unfinished, progress, compares)
        result = IngestResult(files_like(unfinished, OUTCOMES_FILE), listing, config, unfinished)
        report = result.report(source, settings, earlier.source)
        thumbnails = result.thumbnails()
        failure = result.failure(report)
        whole = new_whole(examples)
        if failure is None:
            result.write_examples(whole)
        else:
            result.keep_examples(examples)
        result.write_report(report, thumbnails, whole)
        publish(whole, examples, report_folder)
        if failure is not None:
            raise failure  # the unfinished ingest stays, for a run that allows more rejected files
        if resume_root:
            note_ingest(resume_root, examples, report_folder)
        delete_unfinished(work_folder)  # last: until the ingest is noted, later ones find only this
    return report
