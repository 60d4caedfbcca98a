"""`mocogan run`: runs the pipeline on this machine."""

from __future__ import annotations

import sys
from typing import Any

import click

from mocogan.pipeline.cli.options import config_options, save_for_runners
from mocogan.pipeline.config.loading import load_config


@click.command()
@config_options
def run(**options: Any) -> None:
    """Run the pipeline on this machine.

    It ingests the videos, trains a model, evaluates it, and pushes it as a SavedModel if it is blessed. Interrupted
    runs resume with the same command.
    """
    from mocogan.pipeline.local_runner import main

    save_for_runners(load_config(**options))
    sys.exit(main())
