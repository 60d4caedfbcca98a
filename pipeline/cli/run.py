"""`mocogan run`: runs the pipeline on this machine."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import config_options, save_for_runners
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.errors import NOT_BLESSED


@click.command()
@config_options
@click.option(
    "--require-blessing",
    is_flag=True,
    help=f"Exit with status {NOT_BLESSED} if the model is not blessed.",
)
def run(require_blessing: bool, **options: Any) -> None:
    """Run the pipeline on this machine.

    It ingests the videos, trains a model, evaluates it, and pushes it as a SavedModel if it is blessed. Interrupted
    runs resume with the same command. The exit status is 0 also if the model is not blessed and not pushed.
    """
    from mocogan.pipeline.local_runner import main

    config = load_config(**options)
    save_for_runners(config)
    status = main()
    if status == 0 and require_blessing:
        from mocogan.pipeline.runners.summary import newest_is_pushed

        if not newest_is_pushed(config):
            status = NOT_BLESSED
    sys.exit(status)
