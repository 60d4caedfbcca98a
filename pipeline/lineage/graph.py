"""A lineage as a graph for Mermaid and Graphviz."""

from __future__ import annotations

import datetime

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.lineage.ancestry import Lineage, is_gone
from mocogan.pipeline.lineage.tree import execution_code
from mocogan.pipeline.metadata.reader import Artifact, Execution, Link

_MERMAID_ESCAPES = {ord(sign): f"#{ord(sign)};" for sign in '"#&<>`\\;'}


def as_mermaid(lineage: Lineage, root: str) -> str:
    """Formats a lineage as a Mermaid flowchart. Paths under `root` are relative. Paths that are gone are dashed."""
    lines = ["flowchart LR"]
    for artifact in lineage.artifacts.values():
        label = "<br/>".join(map(_for_mermaid, _artifact_label(artifact, root)))
        lines.append(f'  a{artifact.id}["{label}"]')
        if is_gone(artifact.uri):
            lines.append(f"  style a{artifact.id} stroke-dasharray: 4")
    for execution in lineage.executions.values():
        label = "<br/>".join(map(_for_mermaid, _execution_label(execution)))
        lines.append(f'  e{execution.id}(["{label}"])')
        if source := execution.properties.get("input_base"):
            lines.append(f'  s{execution.id}[("{_for_mermaid(str(source))}")]')
            lines.append(f"  s{execution.id} --> e{execution.id}")
    for link in lineage.links:
        arrow = f'-->|"{_for_mermaid(link.role)}"|' if link.role else "-->"
        start, end = _ends(link)
        lines.append(f"  {start} {arrow} {end}")
    return "\n".join(lines)


def as_dot(lineage: Lineage, root: str) -> str:
    """Formats a lineage as a Graphviz graph. Paths under `root` are relative. Paths that are gone are dashed."""
    lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
    for artifact in lineage.artifacts.values():
        label = "\\n".join(map(_for_dot, _artifact_label(artifact, root)))
        dashed = ", style=dashed" if is_gone(artifact.uri) else ""
        lines.append(f'  a{artifact.id} [label="{label}"{dashed}];')
    for execution in lineage.executions.values():
        label = "\\n".join(map(_for_dot, _execution_label(execution)))
        lines.append(f'  e{execution.id} [label="{label}", shape=ellipse];')
        if source := execution.properties.get("input_base"):
            lines.append(f'  s{execution.id} [label="{_for_dot(str(source))}", shape=folder];')
            lines.append(f"  s{execution.id} -> e{execution.id};")
    for link in lineage.links:
        start, end = _ends(link)
        lines.append(f'  {start} -> {end} [label="{_for_dot(link.role)}"];')
    return "\n".join([*lines, "}"])


def _ends(link: Link) -> tuple[str, str]:
    execution, artifact = f"e{link.execution_id}", f"a{link.artifact_id}"
    return (execution, artifact) if link.written else (artifact, execution)


def _artifact_label(artifact: Artifact, root: str) -> list[str]:
    gone = " (gone)" if is_gone(artifact.uri) else ""
    name = f"{artifact.type.rpartition('.')[2]} #{artifact.id}{gone}"
    return [name, artifact.uri.removeprefix(f"{root}/")]


def _execution_label(execution: Execution) -> list[str]:
    started = datetime.datetime.fromtimestamp(execution.started_seconds)
    lines = [execution.node, f"{started:%Y-%m-%d %H:%M:%S}"]
    return [*lines, f"code {code}"] if (code := execution_code(execution)) else lines


def _for_mermaid(text: str) -> str:
    return visible(text).translate(_MERMAID_ESCAPES)


def _for_dot(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
