"""Runs only the first node of the pipeline, without TFX."""

from __future__ import annotations

import logging
import os
import sys

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
from mocogan.data.source.folder_contents import FileSystemUnavailable
from mocogan.data.source.manifest import ManifestError
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.runners.run_log import cause
from mocogan.pipeline.runners.summary import as_text, video_rows

_BEFORE_THE_FIRST_CLIP = (
    DecoderUnavailable,
    FileSystemUnavailable,
    ManifestError,
    OSError,
    OutputRefused,
    NoVideos,
)


def run_ingest(config: Config) -> int:
    """Cuts the videos in `config.data` into clips under `config.out`.

    Prints the summary, or one error message to standard error.

    Args:
        config: The options `data`, `out`, `ingest`, `workers` and `beam_args` are used.

    Returns:
        The exit status: 0 for success, 1 for an error, 130 after Ctrl-C.
    """
    logging.disable(logging.CRITICAL)  # hides Beam's log
    try:
        report = ingest(
            config.data,
            config.ingest,
            examples=config.out,
            report_folder=config.out,
            make_pipeline=lambda: beam.Pipeline(argv=[*config.beam_args, *config.ingest_beam_args]),
        )
    except (NoUsableVideos, TooManyRejected) as error:
        return _failed(f"{cause(error)}. The report is {config.out}/{PAGE_FILE}")
    except _BEFORE_THE_FIRST_CLIP as error:
        return _failed(cause(error))
    except KeyboardInterrupt:
        return _interrupted()
    except (RuntimeError, ValueError) as error:  # Beam raises these for its workers and its flags
        if "KeyboardInterrupt" in str(error):
            return _interrupted()
        if os.environ.get("MOCOGAN_VERBOSE"):
            raise
        return _failed(f"{cause(error)} (set MOCOGAN_VERBOSE=1 to see the traceback)")
    print(as_text(video_rows(report, config.out)))
    return 0


def _failed(message: str) -> int:
    print(f"error: {visible(message)}", file=sys.stderr)
    return 1


def _interrupted() -> int:
    print("interrupted", file=sys.stderr)
    return 130
