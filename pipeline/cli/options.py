"""Command-line options that several commands share."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from mocogan.pipeline.cli.verbosity import quiet_option
from mocogan.pipeline.config.beam import RUNNERS
from mocogan.pipeline.config.loading import EXAMPLE_ASSIGNMENT, ConfigError
from mocogan.pipeline.config.settings import PRESETS
from mocogan.pipeline.runners.lasting_output import lasting_output

Command = Callable[..., Any]

config_option = click.option(
    "--config", "path", type=click.Path(), help="Configuration file (YAML)."
)
preset_option = click.option("--preset", type=click.Choice(PRESETS), help="Preset to start from.")
out_option = click.option("--out", type=click.Path(), help="Output folder. [default: output]")
set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help=f"Set one option, such as {EXAMPLE_ASSIGNMENT}. Repeatable.",
)

# For commands that use Vertex AI or Kubeflow.
spec_option = click.option(
    "--spec", type=click.Path(), help="Compiled pipeline, in place of a configuration."
)
parameter_option = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set one runtime parameter of the pipeline. Repeatable.",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    help="Seconds to wait for an answer, and to try again.",
)

run_name_option = click.option("--name", help="Name of the run, which `mocogan runs` shows.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def data_option(command: Command) -> Command:
    """Adds the data folder, as the argument DATA and as `--data`. The command gets it as `data`."""

    @click.argument("data_argument", metavar="[DATA]", required=False, type=click.Path())
    @click.option("--data", type=click.Path(), help="Folder of videos, the same as DATA.")
    @functools.wraps(command)
    def with_data(*, data_argument: str | None, data: str | None, **options: Any) -> Any:
        if None not in (data_argument, data) and data_argument != data:
            raise click.UsageError(
                f"DATA is {data_argument} and --data is {data}. Give one of them."
            )
        return command(data=data if data_argument is None else data_argument, **options)

    return with_data


def workers_option(command: Command) -> Command:
    """Adds `--workers`. The command gets it as an assignment of a configuration."""

    @click.option(
        "--workers", metavar="N|auto", help="Decoder processes; auto: one per core. [default: 1]"
    )
    @functools.wraps(command)
    def with_workers(*, workers: str | None, assignments: tuple[str, ...], **options: Any) -> Any:
        if workers is not None:
            assignments += (f"workers={workers}",)
        return command(assignments=assignments, **options)

    return with_workers


def runner_option(command: Command) -> Command:
    """Adds `--runner`. The command gets it as an assignment of a configuration."""

    @click.option(
        "--runner",
        type=click.Choice(RUNNERS),
        help="Where the work is done, as beam.runner; the options of `beam` say how. [default: local]",
    )
    @functools.wraps(command)
    def with_runner(*, runner: str | None, assignments: tuple[str, ...], **options: Any) -> Any:
        if runner is not None:
            assignments += (f"beam.runner={runner}",)
        return command(assignments=assignments, **options)

    return with_runner


def config_options(command: Command) -> Command:
    """Adds the options of a configuration, which are the keyword arguments of `load_config`."""
    for option in (set_option, out_option, preset_option, config_option, data_option):
        command = option(command)
    return command


def named(options: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The options of a configuration, with the name of the run if there is one."""
    if name is None:
        return options
    assignment = f"run_name={json.dumps(name)}"  # JSON is YAML, so the name 7 stays a text
    return options | {"assignments": (*options["assignments"], assignment)}


def lasting(command: Command) -> Command:
    """For a command that writes files. The command continues if its output is closed."""

    @functools.wraps(command)
    def with_lasting_output(**options: Any) -> Any:
        with lasting_output():
            return command(**options)

    return with_lasting_output


def parameters_of(assignments: tuple[str, ...]) -> dict[str, str]:
    """The runtime parameters that `--parameter` sets, as texts. Raises ConfigError."""
    parameters = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise ConfigError(f"--parameter {assignment}: the argument must be NAME=VALUE")
        parameters[name] = text
    return parameters


def work(command: Command) -> Command:
    """For a command with progress or notes. Adds `--quiet`. The command continues if its output is closed."""
    return quiet_option(lasting(command))
