"""`mocogan lineage`: what an artifact was made from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--out", default="output", show_default=True, help="Output folder of the runs.")
@click.option("--artifact", help="An id or a type, such as 12 or Model. [default: newest push]")
def lineage(out: str, artifact: str | None) -> None:
    """Print what an artifact was made from, back to the source folder."""
    from mocogan.pipeline.metadata.lineage import ancestry, find_artifact, render
    from mocogan.pipeline.metadata.reader import MetadataReader

    folder = str(Path(out).resolve())
    reader = MetadataReader(f"{folder}/tfx_metadata/metadata.db")
    click.echo(render(ancestry(reader, find_artifact(reader, artifact)), folder))
