"""Options that several commands take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mocogan.pipeline.config.loading import CONFIG_VARIABLE, EXAMPLE_ASSIGNMENT
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.config.settings import PRESETS, Config

Command = Callable[..., Any]

config_option = click.option("--config", "path", type=click.Path(), help="YAML file with options.")
preset_option = click.option("--preset", type=click.Choice(PRESETS), help="Values to start from.")
data_option = click.option("--data", help="Folder of videos; a sub-folder is a class.")
out_option = click.option("--out", help="Folder for everything a run writes. [default: output]")
set_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help=f"One option, such as {EXAMPLE_ASSIGNMENT}; can be repeated.",
)


def config_options(command: Command) -> Command:
    """The options that make a configuration; `load_config` takes them as keyword arguments."""
    for option in (set_option, out_option, data_option, preset_option, config_option):
        command = option(command)
    return command


def save_for_runners(config: Config) -> None:
    """Writes `<out>/config.yaml` and names it in MOCOGAN_CONFIG, which the runner files read."""
    path = Path(config.out, "config.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_yaml(config), encoding="utf-8")
    os.environ[CONFIG_VARIABLE] = str(path)
