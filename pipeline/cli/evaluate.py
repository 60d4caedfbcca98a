"""`mocogan evaluate`: measures a model, or clips of any origin, beside real clips."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import data_option, work, workers_option
from mocogan.pipeline.config.loading import ConfigError, load_config

_KEYS = ("evaluator.", "ingest.", "workers", "beam.", "beam_args")


@click.command()
@click.argument("candidate", metavar="MODEL|FOLDER", type=click.Path())
@data_option
@click.option(
    "--baseline", metavar="MODEL", type=click.Path(), help="SavedModel to compare the model with."
)
@click.option(
    "--out",
    default="evaluation",
    show_default=True,
    metavar="DIR",
    type=click.Path(),
    help="Folder for the result.",
)
@workers_option
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set an option of evaluator or ingest, such as evaluator.num_clips=512. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print evaluation.json instead of a table.")
@work
def evaluate(
    candidate: str,
    baseline: str | None,
    as_json: bool,
    assignments: tuple[str, ...],
    **folders: Any,
) -> None:
    """Measure a model, or clips of any origin, beside real clips.

    MODEL is a SavedModel, or a folder of numbered SavedModels, of which the newest is taken. FOLDER contains clips:
    NumPy arrays (.npy, [T, H, W, 3] or [N, T, H, W, 3], uint8), videos, GIFs, or film strips. Subfolders are read too.

    DATA has the real clips: the output folder of mocogan ingest, or a folder of videos. Videos are cut into clips as
    the model's training did. For FOLDER, set the distance of frames with --set ingest.frame_stride=2 or --set
    ingest.fps=10.

    Writes report.html, model_card.md, evaluation.json and galleries/. An earlier result in the folder is replaced.

    The exit status is 0 for a blessed model, 3 for a model that is not blessed, and 1 for an error. Clips are never
    blessed, because there is no model, so their status is 3.
    """
    for assignment in assignments:
        if not assignment.startswith(_KEYS):
            raise ConfigError(f"--set {assignment}: the key must begin with evaluator. or ingest.")
    config = load_config(assignments=assignments, **folders)
    from mocogan.pipeline.evaluate.runner import run_evaluate

    sys.exit(run_evaluate(candidate, config, baseline, as_json))
