"""`mocogan ingest`: the first node of the pipeline by itself."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import config_option, preset_option, set_option
from mocogan.pipeline.config.loading import load_config


@click.command()
@click.argument("data")
@click.option("--out", required=True, metavar="DIR", help="Folder for the clips and the report.")
@click.option("--workers", type=int, help="Processes that decode. [default: 1]")
@config_option
@preset_option
@set_option
def ingest(workers: int | None, **options: Any) -> None:
    """Cut the videos in folder DATA into clips, without training.

    Writes DIR/Split-train and DIR/Split-eval (gzip TFRecords of tf.Example), DIR/ingest_report.json and
    DIR/ingest_report.html. They replace those of an earlier ingest in DIR. The exit status is 1 when no file gives a
    clip, or when more files are rejected than `--set ingest.max_rejected_ratio=0.1` allows.
    """
    from mocogan.pipeline.ingest_runner import run_ingest

    if workers is not None:
        options["assignments"] += (f"workers={workers}",)
    sys.exit(run_ingest(load_config(**options)))
