"""All that the site shows of an output folder, read from the store once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mocogan.data.address import is_remote
from mocogan.pipeline.lineage.ancestry import BASELINE_ROLES
from mocogan.pipeline.metadata.reader import Artifact, Execution, Link, MetadataReader
from mocogan.pipeline.metadata.run_facts import RunFacts, run_facts
from mocogan.pipeline.metadata.runs import CACHED, Node, Output, Run, RunReader
from mocogan.pipeline.metadata.stores import store_of

_ARTIFACTS = "tfx_pipeline_output"  # in the output folder


@dataclass(frozen=True)
class Step:
    """An execution: of a node in a run, or outside of all runs, such as a rollback."""

    execution: int
    node: str
    state: str
    run: int | None  # number of the run


@dataclass(frozen=True)
class Contents:
    """Runs and artifacts of an output folder.

    `runs` are newest first, without removed ones. `artifacts` and `steps` have all ids, also those of removed runs.
    """

    out: Path
    runs: Sequence[Run]
    facts: dict[int, RunFacts]  # by number of the run
    artifacts: dict[int, Output]
    steps: dict[int, Step]
    links: Sequence[Link]

    @cached_property
    def by_number(self) -> dict[int, Run]:
        """Number -> run."""
        return {run.number: run for run in self.runs}

    @cached_property
    def gone(self) -> set[int]:
        """Ids of the artifacts whose local files do not exist any more."""
        return {
            artifact.id
            for artifact in self.artifacts.values()
            if not is_remote(artifact.uri) and not os.path.exists(artifact.uri)
        }

    @cached_property
    def written_by(self) -> dict[int, tuple[Step, str]]:
        """Id of an artifact -> the execution that wrote it, not from the cache, and its key."""
        found: dict[int, tuple[Step, str]] = {}
        for link in sorted(self.links, key=lambda link: link.execution_id):
            step = self.steps.get(link.execution_id)
            if link.written and step and step.state != CACHED:
                found.setdefault(link.artifact_id, (step, link.role))
        return found

    @cached_property
    def reuses(self) -> dict[int, list[Step]]:
        """Id of an artifact -> the executions that took it from the cache, newest first."""
        found: dict[int, list[Step]] = defaultdict(list)
        for link in sorted(self.links, key=lambda link: -link.execution_id):
            step = self.steps.get(link.execution_id)
            if link.written and step and step.state == CACHED:
                found[link.artifact_id].append(step)
        return found

    @cached_property
    def readers(self) -> dict[int, list[tuple[Step, str]]]:
        """Id of an artifact -> the executions that read it and did not come from the cache, newest first, and roles."""
        found: dict[int, list[tuple[Step, str]]] = defaultdict(list)
        for link in sorted(self.links, key=lambda link: -link.execution_id):
            step = self.steps.get(link.execution_id)
            if not link.written and step and step.state != CACHED:
                found[link.artifact_id].append((step, link.role))
        return found

    @cached_property
    def inputs(self) -> dict[int, list[tuple[int, str]]]:
        """Id of an execution -> artifacts that it read, and roles. Baselines come last."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for link in self.links:
            if not link.written:
                found[link.execution_id].append((link.artifact_id, link.role))
        for read in found.values():
            read.sort(key=lambda pair: (pair[1] in BASELINE_ROLES, pair[0]))
        return found

    @cached_property
    def outputs(self) -> dict[int, list[tuple[int, str]]]:
        """Id of an execution -> artifacts that it wrote, and keys."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for link in self.links:
            if link.written:
                found[link.execution_id].append((link.artifact_id, link.role))
        return found

    def before(self, run: Run) -> Run | None:
        """The run before a run, of the same pipeline."""
        return self._before[run.number]

    @cached_property
    def _before(self) -> dict[int, Run | None]:
        last: dict[str, Run] = {}
        before: dict[int, Run | None] = {}
        for run in reversed(self.runs):
            before[run.number] = last.get(run.pipeline)
            last[run.pipeline] = run
        return before

    def whole_run(self, pipeline: str) -> Run:
        """The newest run of a pipeline with the most nodes, which shows what the pipeline looks like."""
        return self._whole[pipeline]

    @cached_property
    def _whole(self) -> dict[str, Run]:
        whole: dict[str, Run] = {}
        for run in self.runs:
            known = whole.get(run.pipeline)
            if known is None or len(run.nodes) > len(known.nodes):
                whole[run.pipeline] = run
        return whole


def read_contents(out: Path) -> Contents:
    """Reads the store of an output folder.

    Artifacts in an output folder that was moved after the run are found at their new places.

    Raises:
        MetadataMissing: There is no store.
        StoreUnreadable: The store is damaged or out of reach.
    """
    reader = RunReader(out)
    every = [_moved(run, reader.out) for run in reader.newest(None, removed=True)]
    links, outside, others = _links(MetadataReader(store_of(reader.out)), every)
    artifacts = {
        output.id: output for run in every for node in run.nodes for output in _outputs(node)
    }
    for artifact in others:
        output = Output(artifact.id, artifact.type, artifact.uri, True, artifact.properties)
        artifacts.setdefault(artifact.id, _placed(output, reader.out))
    steps = {
        node.execution: Step(node.execution, node.name, node.state, run.number)
        for run in every
        for node in run.nodes
    }
    steps |= {e.id: Step(e.id, e.node, e.state.lower(), None) for e in outside}
    runs = [run for run in every if not run.removed]
    facts = {run.number: run_facts(run, reader.out) for run in runs}
    return Contents(reader.out, runs, facts, artifacts, steps, links)


def _links(
    reader: MetadataReader, runs: Iterable[Run]
) -> tuple[list[Link], list[Execution], list[Artifact]]:
    """All links, the executions outside of runs, and their artifacts."""
    known = {node.execution for run in runs for node in run.nodes}
    if not known:
        return [], [], []
    links = reader.links_of_executions(sorted(known))
    touching = reader.links_of_artifacts(sorted({link.artifact_id for link in links}))
    outside = {link.execution_id for link in touching} - known
    if not outside:
        return links, [], []
    links += reader.links_of_executions(sorted(outside))
    artifacts = reader.artifacts(sorted({link.artifact_id for link in links}))
    return links, list(reader.executions(sorted(outside)).values()), list(artifacts.values())


def _outputs(node: Node) -> list[Output]:
    return [output for outputs in node.outputs.values() for output in outputs]


def _moved(run: Run, out: Path) -> Run:
    """The run with the places where its artifacts are now, and properties in a fixed order."""
    nodes = [
        replace(
            node,
            parameters=dict(sorted(node.parameters.items())),
            outputs={
                key: tuple(_placed(output, out) for output in outputs)
                for key, outputs in node.outputs.items()
            },
        )
        for node in run.nodes
    ]
    return replace(run, nodes=tuple(nodes))


def _placed(output: Output, out: Path) -> Output:
    ordered = replace(output, properties=dict(sorted(output.properties.items())))
    if is_remote(output.uri) or output.uri.startswith(f"{out}/"):
        return ordered
    _, folder, below = output.uri.rpartition(f"/{_ARTIFACTS}/")
    place = f"{out}/{_ARTIFACTS}/{below}"
    return replace(ordered, uri=place) if folder and os.path.exists(place) else ordered
