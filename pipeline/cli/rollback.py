"""`mocogan rollback`: makes an earlier version the newest one again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--out", default="output", show_default=True, help="Output folder of the runs.")
@click.option(
    "--version", metavar="V", help="Version to go back to. [default: the one before the newest]"
)
def rollback(out: str, version: str | None) -> None:
    """Make an earlier version of the pushed model the newest one again.

    The version is copied to a new number above all others, so servers load it like any new version. ML Metadata records
    the rollback. A later run that pushes another model makes that model the newest.
    """
    from mocogan.pipeline.rollback import run_rollback

    metadata = Path(out).resolve() / "tfx_metadata" / "metadata.db"
    done = run_rollback(metadata, version)
    click.echo(f"{done.pushed.folder} is version {Path(done.source).name} again")
