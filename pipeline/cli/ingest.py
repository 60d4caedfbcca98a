"""`mocogan ingest`: runs only the first node of the pipeline."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import (
    config_option,
    data_option,
    json_option,
    preset_option,
    runner_option,
    set_option,
    work,
    workers_option,
)
from mocogan.pipeline.config.loading import load_config


@click.command()
@data_option
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(),
    help="Folder for the clips and the report.",
)
@click.option("--dataset", metavar="NAME", help="Data set in DATA. [default: auto, recognize it]")
@workers_option
@runner_option
@config_option
@preset_option
@set_option
@json_option
@work
def ingest(dataset: str | None, as_json: bool, **options: Any) -> None:
    """Cut the videos in folder DATA into clips, without training.

    Known data sets are recognized as they were downloaded. --dataset chooses one, as ingest.dataset does: auto, folder
    (the folders of the first level are the classes), films (folders are no classes), or the name of a data set.

    Writes the clips to DIR/Split-train and DIR/Split-eval (gzip TFRecords of tf.Example), and the report to
    DIR/ingest_report.html and DIR/ingest_report.json. --json prints the latter. Output of an earlier ingest in DIR is
    replaced. The exit status is 1 if no file gives a clip, or if the share of rejected files is above
    ingest.max_rejected_ratio.
    """
    from mocogan.pipeline.ingest_runner import run_ingest

    if dataset is not None:
        options["assignments"] += (f"ingest.dataset={dataset}",)
    sys.exit(run_ingest(load_config(**options), as_json))
