"""A lineage as a tree, with one artifact or execution per line."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.lineage.ancestry import (
    BASELINE_ROLES,
    WARM_START_ROLES,
    Lineage,
    is_gone,
)
from mocogan.pipeline.lineage.sources import Source
from mocogan.pipeline.metadata.reader import Artifact, Execution

_SHOWN_PROPERTIES = (
    "clips",
    "videos_accepted",
    "videos_rejected",
    "decoder",
    "clip_shape",
    "steps",
    "seconds",
    "device",
    "blessed",
    "pushed",
    "pushed_version",
)
_Node = tuple[str, list["_Node"]]  # a line, and the lines below it


def render(
    lineage: Lineage,
    root: str,
    sources: Mapping[int, Source] | None = None,
    configs: Mapping[str, Path] | None = None,
) -> str:
    """Formats a lineage as a tree, with the configuration of each run below it.

    Args:
        lineage: The lineage of an artifact.
        root: Output folder. Paths under it are shown relative to it.
        sources: Id of an execution -> the videos that it read.
        configs: Name of a run -> its configuration file.

    Returns:
        The text. An artifact is shown in full where it first appears, and then as "(above)". Baselines, which an
        execution only compared with, are shown without their own ancestors. Control characters are escaped.
    """
    tree = _Tree(lineage, root, sources or {})
    start = lineage.artifact
    node = tree.below(start, "") if lineage.down else tree.above(start, "")
    lines = [*_lines(node), *tree.config_lines(configs or {})]
    return "\n".join(map(visible, lines))


def _lines(node: _Node, lead: str = "", indent: str = "") -> list[str]:
    line, children = node
    lines = [f"{lead}{line}"]
    for number, child in enumerate(children):
        branch, below = ("└─ ", "   ") if number == len(children) - 1 else ("├─ ", "│  ")
        lines += _lines(child, f"{indent}{branch}", f"{indent}{below}")
    return lines


class _Tree:
    def __init__(self, lineage: Lineage, root: str, sources: Mapping[int, Source]) -> None:
        self._lineage = lineage
        self._root = root
        self._sources = sources
        self._seen: set[tuple[str, int]] = set()
        self._runs: dict[str, list[str]] = {}  # of the shown executions: run -> nodes

    def above(self, artifact: Artifact, role: str) -> _Node:
        """An artifact and what it came from."""
        if role in BASELINE_ROLES:
            return f"{self._shown(artifact, role)}  (compared with)", []
        if self._is_repeated("artifact", artifact.id):
            return f"{_name(artifact, role)} (above)", []
        written = self._lineage.producer(artifact.id)
        children = [self._producer(written[0])] if written else []
        started = "  (warm start)" if role in WARM_START_ROLES else ""
        return f"{self._shown(artifact, role)}{started}", children

    def _producer(self, execution: Execution) -> _Node:
        if self._is_repeated("execution", execution.id):
            return f"{execution.node} (above)", []
        inputs = self._lineage.inputs(execution.id)
        children = [
            self.above(self._lineage.artifacts[link.artifact_id], link.role) for link in inputs
        ]
        if source := execution.properties.get("input_base"):
            children.append((self._source_text(execution, str(source)), []))
        return self._execution_text(execution), children

    def below(self, artifact: Artifact, role: str) -> _Node:
        """An artifact and what came from it."""
        if self._is_repeated("artifact", artifact.id):
            return f"{_name(artifact, role)} (above)", []
        return self._shown(artifact, role), [
            self._consumer(self._lineage.executions[link.execution_id], link.role)
            for link in self._lineage.consumers(artifact.id)
        ]

    def _consumer(self, execution: Execution, role: str) -> _Node:
        used = f", as {role}" if role else ""
        if role in BASELINE_ROLES:  # what came from it came from another model
            return f"{self._execution_text(execution)}{used} (compared with)", []
        if self._is_repeated("execution", execution.id):
            return f"{execution.node}{used} (above)", []
        return f"{self._execution_text(execution)}{used}", [
            self.below(self._lineage.artifacts[link.artifact_id], link.role)
            for link in self._lineage.outputs(execution.id)
        ]

    def config_lines(self, configs: Mapping[str, Path]) -> list[str]:
        """The configuration of each run whose executions are shown, oldest run first."""
        return [
            f"configuration of {', '.join(sorted(set(nodes)))}: "
            f"{str(configs[run]).removeprefix(f'{self._root}/')}"
            for run, nodes in sorted(self._runs.items())
            if run in configs
        ]

    def _is_repeated(self, kind: str, number: int) -> bool:
        repeated = (kind, number) in self._seen
        self._seen.add((kind, number))
        return repeated

    def _shown(self, artifact: Artifact, role: str) -> str:
        path = artifact.uri.removeprefix(f"{self._root}/")
        gone = "  (gone)" if is_gone(artifact.uri) else ""
        return f"{_name(artifact, role)}  {path}{gone}{_shown_properties(artifact)}"

    def _execution_text(self, execution: Execution) -> str:
        started = datetime.datetime.fromtimestamp(execution.started_seconds)
        self._runs.setdefault(execution.run, []).append(execution.node)
        facts = [f"{started:%Y-%m-%d %H:%M:%S}", f"{execution.seconds:.1f} s"]
        if code := execution_code(execution):
            facts.append(f"code {code}")
        if execution.state not in ("COMPLETE", "CACHED"):
            facts.append(execution.state.lower())
        return f"{execution.node} ({', '.join(facts)})"

    def _source_text(self, execution: Execution, folder: str) -> str:
        text = f"source folder {folder}"
        if is_gone(folder):
            text += "  (gone)"
        source = self._sources.get(execution.id)
        if source is None:
            return text
        return f"{text}  [{source.accepted} videos used, {source.rejected} rejected]"


def execution_code(execution: Execution) -> str:
    """The fingerprint of the code that an execution ran. Empty if it is not recorded."""
    code = execution.properties.get("code_fingerprint")
    if code is None and isinstance(config := execution.properties.get("custom_config"), str):
        _, _, rest = config.partition('"code_fingerprint": "')
        code = rest.partition('"')[0]
    return str(code or "")


def _name(artifact: Artifact, role: str) -> str:
    name = f"{artifact.type.rpartition('.')[2]} #{artifact.id}"
    return f"{role}: {name}" if role else name


def _shown_properties(artifact: Artifact) -> str:
    known = artifact.properties
    shown = [
        f"{key}={value:.4g}" if isinstance(value := known[key], float) else f"{key}={value}"
        for key in _SHOWN_PROPERTIES
        if key in known and isinstance(known[key], (int, float, str))
    ]
    return f"  [{', '.join(shown)}]" if shown else ""
