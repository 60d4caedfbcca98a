"""`mocogan lineage`: prints the ancestors of an artifact."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--out", default="output", show_default=True, help="Output folder of the runs.")
@click.option(
    "--artifact",
    help="Id or type of the artifact, such as 12 or Model. [default: the newest pushed model]",
)
def lineage(out: str, artifact: str | None) -> None:
    """Print the ancestors of an artifact, back to the videos."""
    from mocogan.pipeline.metadata.lineage import ancestry, find_artifact, render
    from mocogan.pipeline.metadata.reader import MetadataReader

    folder = str(Path(out).resolve())
    reader = MetadataReader(f"{folder}/tfx_metadata/metadata.db")
    click.echo(render(ancestry(reader, find_artifact(reader, artifact)), folder))
