"""`mocogan config`: prints the configuration as YAML."""

from __future__ import annotations

from typing import Any

import click

from mocogan.pipeline.cli.options import config_options
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import to_yaml


@click.command()
@config_options
def config(**options: Any) -> None:
    """Print all options with their values and descriptions, as YAML.

    Save the output to a file, edit it, and use it with --config. Without DATA, the folder of videos is null.
    """
    click.echo(to_yaml(load_config(**options, needs_data=False)), nl=False)
