"""`mocogan ingest`: the first node of the pipeline by itself, without TFX."""

from __future__ import annotations

import logging
import sys

import apache_beam as beam

from components.video_example_gen.ingest import ingest
from components.video_example_gen.report.ingest_report import NoUsableVideos, TooManyRejected
from data.decoding.ffmpeg4 import DecoderUnavailable
from data.source.folder_contents import FileSystemUnavailable
from data.source.manifest import ManifestError
from pipeline.config import Config
from pipeline.run_log import cause
from pipeline.summary import as_text, video_rows

_EXPECTED = (
    NoUsableVideos,
    TooManyRejected,
    DecoderUnavailable,
    FileSystemUnavailable,
    ManifestError,
    OSError,
)


def run_ingest(config: Config) -> int:
    """Cuts the videos of `config.data` into clips under `config.out`; the exit status."""
    logging.disable(logging.WARNING)  # of Beam, about itself
    try:
        report = ingest(
            config.data,
            config.ingest,
            examples=config.out,
            report_folder=config.out,
            make_pipeline=lambda: beam.Pipeline(argv=[*config.beam_args, *config.ingest_beam_args]),
        )
    except _EXPECTED as error:
        print(f"error: {cause(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    print(as_text(video_rows(report, config.out)))
    return 0
