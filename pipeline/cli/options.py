"""Command-line options that several commands share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mocogan.pipeline.config.loading import CONFIG_VARIABLE, EXAMPLE_ASSIGNMENT, ConfigError
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import PRESETS, Config
from mocogan.pipeline.runners.run_lock import RunLock

Command = Callable[..., Any]

config_option = click.option(
    "--config", "path", type=click.Path(), help="Configuration file (YAML)."
)
preset_option = click.option("--preset", type=click.Choice(PRESETS), help="Preset to start from.")
data_option = click.option("--data", help="Folder of videos; subfolders are classes.")
out_option = click.option("--out", help="Output folder. [default: output]")
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


def named(options: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The options of a configuration, with the name of the run if there is one."""
    if name is None:
        return options
    assignment = f"run_name={json.dumps(name)}"  # JSON is YAML, so the name 7 stays a text
    return options | {"assignments": (*options["assignments"], assignment)}


def parameters_of(assignments: tuple[str, ...]) -> dict[str, str]:
    """The runtime parameters that `--parameter` sets, as texts. Raises ConfigError."""
    parameters = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise ConfigError(f"--parameter {assignment}: the argument must be NAME=VALUE")
        parameters[name] = text
    return parameters


def config_options(command: Command) -> Command:
    """Adds the options of a configuration, which are the keyword arguments of `load_config`."""
    for option in (set_option, out_option, data_option, preset_option, config_option):
        command = option(command)
    return command


def save_for_runners(config: Config) -> None:
    """Writes `<out>/config.yaml` and sets MOCOGAN_CONFIG to its path, for the runner files.

    Raises AlreadyRunning if the pipeline is running there, so that its configuration stays.
    """
    RunLock(config.out, config.pipeline_name).check()
    path = Path(config.out, "config.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_yaml(config), encoding="utf-8")
    os.environ[CONFIG_VARIABLE] = str(path)
