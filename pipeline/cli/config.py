"""`mocogan config`: the whole configuration as YAML."""

from __future__ import annotations

from typing import Any

import click

from mocogan.pipeline.cli.options import config_options
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import to_yaml


@click.command()
@config_options
def config(**options: Any) -> None:
    """Print every option as YAML, for a file to edit."""
    click.echo(to_yaml(load_config(**options)), nl=False)
