"""`mocogan lineage`: prints what an artifact came from, or what came from it."""

from __future__ import annotations

import gc

import click

FORMATS = ("tree", "json", "mermaid", "dot", "openlineage")


@click.command()
@click.argument("artifact", required=False, metavar="[ARTIFACT|PATH|VERSION]", type=click.Path())
@click.option(
    "--out", type=click.Path(), help="Output folder of the runs. [default: that of PATH, or output]"
)
@click.option("--down", is_flag=True, help="Show what came from the artifact instead.")
@click.option(
    "--format",
    "chosen",
    type=click.Choice(FORMATS),
    default="tree",
    show_default=True,
    help="Format of the output.",
)
@click.option("--videos", is_flag=True, help="List every source video, with --format json.")
def lineage(artifact: str | None, out: str | None, down: bool, chosen: str, videos: bool) -> None:
    """Print what an artifact came from: configuration, code and videos.

    The artifact is an id, a type such as Model, a version of a pushed model, or a path: a pushed version, a generated
    file, a checkpoint, or anything in the folder of an artifact. The default is the newest pushed model.
    """
    from mocogan.pipeline.errors import ExpectedError
    from mocogan.pipeline.lineage.ancestry import ancestry, descendants
    from mocogan.pipeline.lineage.artifact_paths import artifact_of, folder_of_runs
    from mocogan.pipeline.lineage.formats import write_lineage
    from mocogan.pipeline.metadata.reader import MetadataReader
    from mocogan.pipeline.metadata.stores import store_of

    gc.disable()  # tens of thousands of records, all in use to the end
    if videos and chosen != "json":
        raise ExpectedError("--videos needs --format json")
    folder = folder_of_runs(artifact, out)
    reader = MetadataReader(store_of(folder))
    found = artifact_of(reader, artifact, folder)
    traced = descendants(reader, found) if down else ancestry(reader, found)
    click.echo(write_lineage(reader, traced, chosen, folder, videos))
