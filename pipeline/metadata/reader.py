"""Reads ML Metadata: the executions of a pipeline run, and the inputs of an artifact.

Uses only events and ids, because ml-metadata 1.21 has no `filter_query` and no `get_lineage_subgraph`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.properties import properties
from mocogan.pipeline.metadata.store import Store

_OUTPUT_EVENTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.DECLARED_OUTPUT)
_INPUT_EVENTS = (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)
_CACHED = metadata_store_pb2.Execution.CACHED
_FIRST_READ = 20  # executions
_MANY_EXECUTIONS = 500


@dataclass(frozen=True)
class Artifact:
    """One artifact of the store."""

    id: int
    type: str
    uri: str
    properties: dict[str, Any]
    damaged: bool = False  # a run found it damaged, and marked it


@dataclass(frozen=True)
class Execution:
    """One execution of a node. `state` is COMPLETE, CACHED, FAILED or RUNNING."""

    id: int
    node: str
    state: str
    started_seconds: float
    seconds: float
    properties: dict[str, Any]
    run: str = (
        ""  # name of the pipeline run: its start in local time, such as 2026-11-30T18:13:43.275120
    )
    pipeline: str = ""  # name of the pipeline


class Link(NamedTuple):
    """An artifact that an execution read or wrote.

    `role` is the component's key for it, such as `model` or `baseline_model`. It is empty for events without a path.
    """

    execution_id: int
    artifact_id: int
    role: str
    written: bool


@dataclass
class NodeRun:
    """A node's execution in one pipeline run, and its output artifacts by key."""

    execution: Execution
    outputs: dict[str, list[Artifact]] = field(default_factory=dict)


class MetadataReader:
    """Reads an ML Metadata store.

    Args:
        store: The store, such as `store_of(OUT)` returns.

    Raises:
        MetadataMissing: There is no store. Opening it would create an empty one.
        StoreUnreadable: It is damaged, locked, out of reach or of another version, or it cannot be opened.
    """

    def __init__(self, store: Store) -> None:
        self._store = connect(store)
        self._types: dict[int, str] = {}  # id -> name, of artifacts
        # By id, of all executions, if many were asked for. And type -> name of their contexts.
        self._protos: dict[int, metadata_store_pb2.Execution] = {}
        self._names: dict[int, dict[str, str]] = defaultdict(lambda: defaultdict(str))

    def newest(self, type_name: str) -> list[Artifact]:
        """The artifacts of a type that are still on disk, newest first."""
        live = (
            artifact
            for artifact in self._store.get_artifacts_by_type(type_name)
            if artifact.state == metadata_store_pb2.Artifact.LIVE
        )
        return sorted(map(self._artifact, live), key=lambda artifact: -artifact.id)

    def artifact(self, artifact_id: int) -> Artifact:
        """The artifact with this id. Raises KeyError when it does not exist."""
        found = self._store.get_artifacts_by_id([artifact_id])
        if not found:
            raise KeyError(artifact_id)
        return self._artifact(found[0])

    def artifacts(self, ids: Iterable[int]) -> dict[int, Artifact]:
        """Id -> artifact, of the ids that exist, in their order."""
        found = sorted(self._store.get_artifacts_by_id(ids), key=lambda proto: proto.id)
        return {proto.id: self._artifact(proto) for proto in found}

    def artifacts_at(self, uri: str) -> list[Artifact]:
        """The artifacts with exactly this URI, newest first."""
        found = map(self._artifact, self._store.get_artifacts_by_uri(uri))
        return sorted(found, key=lambda artifact: -artifact.id)

    def executions(self, ids: Iterable[int]) -> dict[int, Execution]:
        """Id -> execution, of the ids that exist, in their order."""
        found = sorted(self._execution_protos(ids), key=lambda proto: proto.id)
        return {execution.id: execution for execution in self._executions(found)}

    def that_ran(self, ids: Iterable[int]) -> set[int]:
        """Those of the executions that did not take their outputs from the cache."""
        return {
            proto.id for proto in self._execution_protos(ids) if proto.last_known_state != _CACHED
        }

    def links_of_artifacts(self, ids: Iterable[int]) -> list[Link]:
        """What read and wrote these artifacts."""
        return _links(self._store.get_events_by_artifact_ids(ids))

    def links_of_executions(self, ids: Iterable[int]) -> list[Link]:
        """What these executions read and wrote."""
        return _links(self._store.get_events_by_execution_ids(ids))

    def runs(self) -> list[str]:
        """Names of all pipeline runs, newest first."""
        runs = self._store.get_contexts_by_type("pipeline_run")
        return [run.name for run in sorted(runs, key=lambda run: -run.id)]

    def executions_of_run(self, run: str) -> list[Execution]:
        """The executions of a pipeline run, in the order of their start."""
        context = self._store.get_context_by_type_and_name("pipeline_run", run)
        found = self._store.get_executions_by_context(context.id) if context else []
        return self._executions(sorted(found, key=lambda proto: proto.id))

    def earlier_executions(self, execution: Execution) -> Iterator[Execution]:
        """Earlier executions of the same node in the same pipeline, newest first."""
        name = f"{execution.pipeline}.{execution.node}"
        context = self._store.get_context_by_type_and_name("node", name)
        for proto in self._newest_executions(context.id) if context else ():
            if proto.id < execution.id:
                yield from self._executions([proto])

    def _newest_executions(self, context_id: int) -> Iterator[metadata_store_pb2.Execution]:
        """All executions of a context, newest first. The first ones are read alone, because they are often enough."""
        newest_first = {"order_by": mlmd.OrderByField.ID, "is_asc": False}
        first = self._store.get_executions_by_context(
            context_id, mlmd.ListOptions(limit=_FIRST_READ, **newest_first)
        )
        yield from first
        if len(first) == _FIRST_READ:
            options = mlmd.ListOptions(**newest_first)
            yield from self._store.get_executions_by_context(context_id, options)[_FIRST_READ:]

    def with_same_key(self, execution: Execution) -> list[Execution] | None:
        """Earlier executions with the same cache key, newest first: nothing that TFX compares had changed.

        None if the execution has no key, as that of a resolver.
        """
        contexts = self._store.get_contexts_by_execution(execution.id)
        key = next((context.id for context in contexts if context.type == "execution_cache"), None)
        if key is None:
            return None
        found = self._store.get_executions_by_context(key)
        earlier = [proto for proto in found if proto.id < execution.id]
        return self._executions(sorted(earlier, key=lambda proto: -proto.id))

    def artifact_types(self) -> list[str]:
        """Names of all artifact types in the store."""
        return sorted(artifact_type.name for artifact_type in self._store.get_artifact_types())

    def producer(self, artifact: Artifact) -> Execution | None:
        """The execution that wrote an artifact. Executions that reused it from the cache do not count."""
        ids = [
            event.execution_id
            for event in self._store.get_events_by_artifact_ids([artifact.id])
            if event.type in _OUTPUT_EVENTS
        ]
        found = self._store.get_executions_by_id(sorted(ids))
        ran = [proto for proto in found if proto.last_known_state != _CACHED]
        return self._executions(ran[:1])[0] if ran else None

    def inputs(self, execution: Execution) -> list[Artifact]:
        """The artifacts that an execution read."""
        events = self._store.get_events_by_execution_ids([execution.id])
        ids = sorted({event.artifact_id for event in events if event.type in _INPUT_EVENTS})
        return [self._artifact(found) for found in self._store.get_artifacts_by_id(ids)]

    def newest_run(self, name: str | None = None) -> dict[str, NodeRun]:
        """Node id -> NodeRun of the newest pipeline run, or of the run with this name. Empty if there is none."""
        runs = self._store.get_contexts_by_type("pipeline_run")
        if name is not None:
            runs = [run for run in runs if run.name == name]
        if not runs:
            return {}
        newest = max(runs, key=lambda context: context.id)
        executions = self._executions(self._store.get_executions_by_context(newest.id))
        nodes = {e.id: NodeRun(e) for e in sorted(executions, key=lambda execution: execution.id)}
        for execution_id, key, artifact in self._outputs(nodes):
            nodes[execution_id].outputs.setdefault(key, []).append(artifact)
        return {node.execution.node: node for node in nodes.values()}

    def _outputs(self, execution_ids: Iterable[int]) -> list[tuple[int, str, Artifact]]:
        events = [
            event
            for event in self._store.get_events_by_execution_ids(list(execution_ids))
            if event.type in _OUTPUT_EVENTS
        ]
        ids = sorted({event.artifact_id for event in events})
        artifacts = {a.id: self._artifact(a) for a in self._store.get_artifacts_by_id(ids)}
        return [
            (event.execution_id, event.path.steps[0].key, artifacts[event.artifact_id])
            for event in events
        ]

    def _artifact(self, proto: metadata_store_pb2.Artifact) -> Artifact:
        if not proto.type and proto.type_id not in self._types:
            self._types = {kind.id: kind.name for kind in self._store.get_artifact_types()}
        type_name = proto.type or self._types[proto.type_id]
        damaged = proto.state == metadata_store_pb2.Artifact.ABANDONED
        return Artifact(proto.id, type_name, proto.uri, properties(proto, structures=True), damaged)

    def _executions(self, protos: Iterable[metadata_store_pb2.Execution]) -> list[Execution]:
        return [self._execution(proto, self._context_names(proto.id)) for proto in protos]

    def _execution(
        self, proto: metadata_store_pb2.Execution, contexts: Mapping[str, str]
    ) -> Execution:
        pipeline, _, node = contexts["node"].rpartition(".")
        return Execution(
            id=proto.id,
            node=node or self._type_name(proto),
            state=metadata_store_pb2.Execution.State.Name(proto.last_known_state),
            started_seconds=proto.create_time_since_epoch / 1000,
            seconds=(proto.last_update_time_since_epoch - proto.create_time_since_epoch) / 1000,
            properties=properties(proto, structures=True),
            run=contexts["pipeline_run"],
            pipeline=pipeline,
        )

    def _context_names(self, execution_id: int) -> Mapping[str, str]:
        """Type -> name of the contexts of an execution."""
        if execution_id in self._protos:
            return self._names[execution_id]
        names: dict[str, str] = defaultdict(str)
        with suppress(mlmd.errors.NotFoundError):  # the execution belongs to no pipeline
            for context in self._store.get_contexts_by_execution(execution_id):
                names[context.type] = context.name
        return names

    def _execution_protos(self, ids: Iterable[int]) -> list[metadata_store_pb2.Execution]:
        """The executions with these ids that exist."""
        wanted = sorted(set(ids))
        if len(wanted) > _MANY_EXECUTIONS and not self._protos:
            self._read_all_executions()
        known = [self._protos[i] for i in wanted if i in self._protos]
        others = [i for i in wanted if i not in self._protos]
        return [*known, *(self._store.get_executions_by_id(others) if others else [])]

    def _read_all_executions(self) -> None:
        """Reads all executions of nodes, and the names of their contexts. Faster than one by one for many."""
        self._read_executions_of("pipeline_run")
        nodes = self._nodes_by_type()
        if nodes is None:
            self._read_executions_of("node")
            return
        for proto in self._protos.values():
            self._names[proto.id]["node"] = nodes[proto.type_id]

    def _read_executions_of(self, kind: str) -> None:
        for context in self._store.get_contexts_by_type(kind):
            for proto in self._store.get_executions_by_context(context.id):
                self._protos[proto.id] = proto
                self._names[proto.id][kind] = context.name

    def _nodes_by_type(self) -> dict[int, str] | None:
        """Id of a type of executions -> name of the context of its node.

        None if the type does not tell the node: two pipelines or two nodes use a type, or another version of the code
        used another type for a node.
        """
        nodes: dict[int, str] = {}
        for context in self._store.get_contexts_by_type("node"):
            options = [mlmd.ListOptions(1, mlmd.OrderByField.ID, asc) for asc in (True, False)]
            ends = [self._store.get_executions_by_context(context.id, one) for one in options]
            types = {proto.type_id for found in ends for proto in found}
            if len(types) > 1 or types & nodes.keys():
                return None
            nodes |= dict.fromkeys(types, context.name)
        return nodes if {proto.type_id for proto in self._protos.values()} <= nodes.keys() else None

    def _type_name(self, proto: metadata_store_pb2.Execution) -> str:
        """Name of the type, for executions outside of a pipeline."""
        return proto.type or self._store.get_execution_types_by_id([proto.type_id])[0].name


def _links(events: Iterable[metadata_store_pb2.Event]) -> list[Link]:
    return [
        Link(
            event.execution_id,
            event.artifact_id,
            event.path.steps[0].key if event.path.steps else "",
            event.type in _OUTPUT_EVENTS,
        )
        for event in events
        if event.type in _OUTPUT_EVENTS or event.type in _INPUT_EVENTS
    ]
