"""`mocogan explain`: prints why each node of the last run ran or was cached."""

from __future__ import annotations

import click


@click.command()
@click.argument("node", required=False)
@click.option(
    "--out",
    default="output",
    show_default=True,
    type=click.Path(),
    help="Output folder of the runs.",
)
@click.option("--json", "in_json", is_flag=True, help="Print all changes as JSON.")
def explain(node: str | None, out: str, in_json: bool) -> None:
    """Print why the nodes of the last run ran or were cached.

    Each node is compared with its newest earlier execution that succeeded: inputs, parameters, code and source files.
    NODE is a node such as MoCoGanTrainer. The default is all nodes.
    """
    from mocogan.pipeline.lineage.artifact_paths import folder_of_runs
    from mocogan.pipeline.lineage.explanation import explain_last_run
    from mocogan.pipeline.lineage.explanation_text import as_json, as_text
    from mocogan.pipeline.metadata.reader import MetadataReader
    from mocogan.pipeline.metadata.stores import store_of

    folder = folder_of_runs(None, out)
    reader = MetadataReader(store_of(folder))
    explanations = explain_last_run(reader, folder, node)
    click.echo(as_json(explanations) if in_json else as_text(explanations))
