"""`mocogan run`: runs the pipeline on this machine."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import (
    config_options,
    named,
    run_name_option,
    save_for_runners,
)
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.errors import NOT_BLESSED


@click.command()
@config_options
@click.option(
    "--require-blessing",
    is_flag=True,
    help=f"Exit with status {NOT_BLESSED} if the model is not blessed.",
)
@run_name_option
def run(require_blessing: bool, name: str | None, **options: Any) -> None:
    """Run the pipeline on this machine.

    It ingests the videos, trains a model, evaluates it, and pushes it as a SavedModel if it is blessed. Interrupted
    runs resume with the same command. The exit status is 0 also if the model is not blessed and not pushed.
    """
    from mocogan.pipeline.local_runner import main

    save_for_runners(load_config(**named(options, name)))
    sys.exit(main(require_blessing))
