"""Runs only the first node of the pipeline, without TFX."""

from __future__ import annotations

import json
import sys
from typing import Any

import apache_beam as beam

from mocogan.components.reports.readable_text import visible
from mocogan.components.video_example_gen.ingest import ingest
from mocogan.components.video_example_gen.output_folder.folders import OutputRefused
from mocogan.components.video_example_gen.report.ingest_report import (
    PAGE_FILE,
    NoUsableVideos,
    NoVideos,
    TooManyRejected,
)
from mocogan.data.address import is_remote
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.verbosity import is_quiet, is_verbose
from mocogan.pipeline.beam_runners.checks import check_runner
from mocogan.pipeline.beam_runners.errors import explained, is_worker_missing, runner_errors
from mocogan.pipeline.beam_runners.quiet_log import without_log
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.output_folder import check_writable
from mocogan.pipeline.runners.run_log import cause
from mocogan.pipeline.runners.summary import as_text, video_rows

_ATTEMPTS = 3  # to start a job for which no worker came up
_BEFORE_THE_FIRST_CLIP = (
    DataSetError,
    DecoderUnavailable,
    FileSystemUnavailable,
    OSError,
    OutputRefused,
    NoVideos,
)


class IngestFailed(ExpectedError):
    """The videos cannot be cut into clips."""


class VideosRejected(IngestFailed):
    """No file gives a clip, or too many are rejected. The report is written."""


def run_ingest(config: Config, as_json: bool = False, force: bool = False) -> int:
    """Cuts the videos in `config.data` into clips under `config.out`, and prints the summary.

    Args:
        config: The options `data`, `out`, `ingest`, `workers`, `beam` and `beam_args` are used.
        as_json: Whether the content of `ingest_report.json` is printed instead of the summary.
        force: Whether all videos are decoded, whatever an earlier ingest has finished.

    Returns:
        The exit status: 0 for success, 130 after Ctrl-C.

    Raises:
        IngestFailed: As `ingest_videos`, in one line for a terminal.
        ConfigError: The Beam runner cannot start.
        OutNotWritable: The output folder cannot be made or written.
    """
    if not is_remote(config.out):
        check_writable(config.out)
    try:
        report = ingest_videos(config, force)
    except VideosRejected as error:
        raise VideosRejected(visible(f"{error}. The report is {config.out}/{PAGE_FILE}")) from error
    except IngestFailed as error:
        raise IngestFailed(visible(str(error))) from error
    except KeyboardInterrupt:
        print("interrupted. The same command continues the ingest", file=sys.stderr)
        return 130
    print(json.dumps(report, indent=2) if as_json else as_text(video_rows(report, config.out)))
    return 0


def ingest_videos(config: Config, force: bool = False) -> dict[str, Any]:
    """Cuts the videos in `config.data` into clips under `config.out`, without Beam's log.

    Args:
        config: The options `data`, `out`, `ingest`, `workers`, `beam` and `beam_args` are used.
        force: Whether all videos are decoded, whatever an earlier ingest has finished.

    Returns:
        The content of the ingest report.

    Raises:
        VideosRejected: No file gives a clip, or too many are rejected.
        IngestFailed: A folder or an option cannot be used.
        ConfigError: The Beam runner cannot start.
        KeyboardInterrupt: Ctrl-C was pressed, perhaps in a worker.
    """
    try:
        with without_log():
            check_runner(config)
            return _ingest(config, force)
    except (NoUsableVideos, TooManyRejected) as error:
        raise VideosRejected(cause(error)) from error
    except _BEFORE_THE_FIRST_CLIP as error:
        raise IngestFailed(cause(error)) from error
    except runner_errors(config.beam.runner) as error:
        if "KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from error
        hint = "" if is_verbose() else " (-v shows the traceback)"
        raise IngestFailed(f"{explained(error)}{hint}") from error


def _ingest(config: Config, force: bool) -> dict[str, Any]:
    """As `ingest_videos`. If the job service gives up waiting for a worker, nothing was done, so it starts again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _ingest_once(config, force)
        except RuntimeError as error:
            if not is_worker_missing(error):
                raise
    return _ingest_once(config, force)


def _ingest_once(config: Config, force: bool) -> dict[str, Any]:
    return ingest(
        config.data,
        config.ingest,
        examples=config.out,
        report_folder=config.out,
        make_pipeline=lambda: beam.Pipeline(argv=[*config.runner_flags, *config.ingest_beam_args]),
        force=force,
        tell=_tell,
    )


def _tell(line: str) -> None:
    if not is_quiet():
        print(visible(line), file=sys.stderr)
