"""`mocogan rollback`: makes an earlier version the newest one again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mocogan.pipeline.cli.options import json_option


@click.command()
@click.option(
    "--out",
    default="output",
    show_default=True,
    type=click.Path(),
    help="Output folder of the runs.",
)
@click.option(
    "--version", metavar="V", help="Version to go back to. [default: the one before the newest]"
)
@json_option
def rollback(out: str, version: str | None, as_json: bool) -> None:
    """Make an earlier version of the pushed model the newest one again.

    The version is copied to a new number above all others, so servers load it like any new version. ML Metadata records
    the rollback. A later run that pushes another model makes that model the newest.
    """
    from mocogan.pipeline.metadata.stores import store_of
    from mocogan.pipeline.rollback import run_rollback

    done = run_rollback(store_of(out), version)
    if as_json:
        click.echo(json.dumps({"version": done.pushed.folder, "copy_of": done.source}))
        return
    click.echo(f"{done.pushed.folder} is version {Path(done.source).name} again")
