"""The page of an artifact: what is in it, where it came from, and what came from it."""

from __future__ import annotations

import shlex
from typing import Any

from mocogan.pipeline.site.artifact_view import ArtifactViews
from mocogan.pipeline.site.contents import Contents, Step
from mocogan.pipeline.site.drawing.artifact_graph import ancestors, descendants, lineage_graphs
from mocogan.pipeline.site.drawing.pipeline_graph import node_anchor
from mocogan.pipeline.site.drawing.svg import graphs_html

_READERS = 30  # that are listed


def artifact_state(contents: Contents, artifact_id: int) -> tuple[Any, ...]:
    """All that the page of an artifact depends on. It is cheap, so that unchanged pages need not be written."""
    up, down = ancestors(contents, artifact_id), descendants(contents, artifact_id)
    shown = {*up.ids, *down.ids}
    written = contents.written_by.get(artifact_id)
    readers = contents.readers.get(artifact_id, [])
    linked = {step.run for step, _ in ([written] if written else []) + readers[:_READERS]}
    return (
        contents.artifacts[artifact_id],
        written,
        up,
        down,
        sorted(shown & contents.gone),
        readers[:_READERS],
        len(readers),
        sorted(run for run in linked if run and run not in contents.by_number),
        len(contents.reuses.get(artifact_id, [])),
        [contents.written_by.get(number) for number in sorted(shown)],
    )


def artifact_content(views: ArtifactViews, artifact_id: int) -> dict[str, Any]:
    """What the template `artifact.html` shows."""
    contents = views.contents
    up, down = ancestors(contents, artifact_id), descendants(contents, artifact_id)
    written = contents.written_by.get(artifact_id)
    readers = contents.readers.get(artifact_id, [])
    reused = len(contents.reuses.get(artifact_id, []))
    return {
        "view": views[artifact_id],
        "written": _link(contents, *written) if written else None,
        "lineage": f"mocogan lineage {artifact_id} --out {shlex.quote(str(contents.out))}",
        "reused": f"{reused} run" + ("" if reused == 1 else "s") if reused else "",
        "up": graphs_html(lineage_graphs(contents, artifact_id, up), f"Sources of {artifact_id}"),
        "up_more": up.more,
        "down": graphs_html(
            lineage_graphs(contents, artifact_id, down), f"Results of {artifact_id}"
        ),
        "down_more": down.more,
        "source": _source(contents, up.ids),
        "readers": [_link(contents, *reader) for reader in readers[:_READERS]],
        "more_readers": max(len(readers) - _READERS, 0),
    }


def _link(contents: Contents, step: Step, role: str) -> dict[str, Any]:
    is_listed = step.run in contents.by_number
    return {
        "node": step.node,
        "run": step.run if is_listed else None,
        "removed_run": None if is_listed else step.run,
        "role": role,
        "anchor": node_anchor(step.node),
    }


def _source(contents: Contents, ids: tuple[int, ...]) -> str | None:
    """The data folder of the execution of VideoExampleGen among the ancestors."""
    for number in ids:
        written = contents.written_by.get(number)
        run = contents.by_number.get(written[0].run) if written and written[0].run else None
        if written and run and written[0].node == "VideoExampleGen":
            return contents.facts[run.number].data
    return None
