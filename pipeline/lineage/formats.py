"""A lineage as text, in the formats of `mocogan lineage`."""

from __future__ import annotations

import json

from mocogan.pipeline.lineage.ancestry import Lineage
from mocogan.pipeline.lineage.as_json import as_json
from mocogan.pipeline.lineage.graph import as_dot, as_mermaid
from mocogan.pipeline.lineage.openlineage import RunEvents
from mocogan.pipeline.lineage.sources import find_source
from mocogan.pipeline.lineage.tree import render
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.run_folders import config_files

FORMATS = ("tree", "json", "mermaid", "dot", "openlineage")


def write_lineage(
    reader: MetadataReader, lineage: Lineage, chosen: str, out: str, videos: bool = False
) -> str:
    """Formats a lineage.

    Args:
        reader: The ML Metadata store that the lineage is from.
        lineage: The lineage of an artifact.
        chosen: A name in FORMATS.
        out: Output folder of the runs, absolute. Most formats show paths under it relative to it.
        videos: Whether the format `json` lists every source video.

    Returns:
        The text. The format `openlineage` has one event per line.
    """
    if chosen == "mermaid":
        return as_mermaid(lineage, out)
    if chosen == "dot":
        return as_dot(lineage, out)
    if chosen == "openlineage":
        events = RunEvents(reader, out).for_executions(lineage.executions.values())
        return "\n".join(map(json.dumps, events))
    executions = lineage.executions.values()
    found = {execution.id: find_source(reader, execution) for execution in executions}
    sources = {number: source for number, source in found.items() if source}
    configs = config_files(out, sorted({execution.run for execution in executions}))
    if chosen == "json":
        return as_json(lineage, sources, configs, videos)
    return render(lineage, out, sources, configs)
