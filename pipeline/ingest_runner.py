"""Runs only the first node of the pipeline, without TFX."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apache_beam as beam

from mocogan.components.reports.readable_text import visible
from mocogan.components.video_example_gen.folders import OutputRefused
from mocogan.components.video_example_gen.ingest import ingest
from mocogan.components.video_example_gen.report.ingest_report import (
    PAGE_FILE,
    NoUsableVideos,
    NoVideos,
    TooManyRejected,
)
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.runners.run_log import cause
from mocogan.pipeline.runners.summary import as_text, video_rows

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


def run_ingest(config: Config) -> int:
    """Cuts the videos in `config.data` into clips under `config.out`.

    Prints the summary, or one error message to standard error.

    Args:
        config: The options `data`, `out`, `ingest`, `workers` and `beam_args` are used.

    Returns:
        The exit status: 0 for success, 1 for an error, 130 after Ctrl-C.
    """
    try:
        report = ingest_videos(config)
    except VideosRejected as error:
        return _failed(f"{error}. The report is {config.out}/{PAGE_FILE}")
    except IngestFailed as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(as_text(video_rows(report, config.out)))
    return 0


def ingest_videos(config: Config) -> dict[str, Any]:
    """Cuts the videos in `config.data` into clips under `config.out`, without Beam's log.

    Args:
        config: The options `data`, `out`, `ingest`, `workers` and `beam_args` are used.

    Returns:
        The content of the ingest report.

    Raises:
        VideosRejected: No file gives a clip, or too many are rejected.
        IngestFailed: A folder or an option cannot be used.
        KeyboardInterrupt: Ctrl-C was pressed, perhaps in a worker.
    """
    try:
        with _without_log():
            return ingest(
                config.data,
                config.ingest,
                examples=config.out,
                report_folder=config.out,
                make_pipeline=lambda: beam.Pipeline(
                    argv=[*config.beam_args, *config.ingest_beam_args]
                ),
            )
    except (NoUsableVideos, TooManyRejected) as error:
        raise VideosRejected(cause(error)) from error
    except _BEFORE_THE_FIRST_CLIP as error:
        raise IngestFailed(cause(error)) from error
    except (RuntimeError, ValueError) as error:  # Beam raises these for its workers and its flags
        if "KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from error
        if os.environ.get("MOCOGAN_VERBOSE"):
            raise
        raise IngestFailed(
            f"{cause(error)} (set MOCOGAN_VERBOSE=1 to see the traceback)"
        ) from error


@contextmanager
def _without_log() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _failed(message: str) -> int:
    print(f"error: {visible(message)}", file=sys.stderr)
    return 1
