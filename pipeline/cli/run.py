"""`mocogan run`: runs the pipeline on this machine."""

from __future__ import annotations

import os
import sys
import time
from contextlib import redirect_stdout
from typing import Any

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.cli.options import (
    config_options,
    json_option,
    named,
    run_name_option,
    work,
    workers_option,
)
from mocogan.pipeline.cli.run_result import echo_run
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.errors import NOT_BLESSED


@click.command()
@config_options
@workers_option
@click.option(
    "--require-blessing",
    is_flag=True,
    help=f"Exit with status {NOT_BLESSED} if the model is not blessed.",
)
@run_name_option
@json_option
@work
def run(require_blessing: bool, name: str | None, as_json: bool, **options: Any) -> None:
    """Run the pipeline on the videos in folder DATA, on this machine.

    It ingests the videos, trains a model, evaluates it, and pushes it as a SavedModel if it is blessed. Interrupted
    runs resume with the same command. The exit status is 0 also if the model is not blessed and not pushed.

    --json prints what `mocogan runs show --json` prints, also of a run that failed.
    """
    from mocogan.pipeline.local_runner import run_from_command_line

    config = load_config(**named(options, name))
    if not as_json:
        sys.exit(run_from_command_line(config, require_blessing))
    started = time.time()
    try:
        with (
            open(os.devnull, "w") as nowhere,
            redirect_stdout(nowhere if is_quiet() else sys.stderr),
        ):
            status = run_from_command_line(config, require_blessing)
    finally:
        echo_run(config.out, started)
    sys.exit(status)
