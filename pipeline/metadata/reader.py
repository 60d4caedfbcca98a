"""Reads ML Metadata: the executions of a pipeline run, and the inputs of an artifact.

Uses only events and ids, because ml-metadata 1.21 has no `filter_query` and no `get_lineage_subgraph`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from mocogan.pipeline.errors import ExpectedError

_OUTPUT_EVENTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.DECLARED_OUTPUT)
_INPUT_EVENTS = (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)


class MetadataMissing(ExpectedError):
    """The ML Metadata store does not exist."""


@dataclass(frozen=True)
class Artifact:
    """One artifact of the store."""

    id: int
    type: str
    uri: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Execution:
    """One execution of a node. `state` is COMPLETE, CACHED, FAILED or RUNNING."""

    id: int
    node: str
    state: str
    started_seconds: float
    seconds: float
    properties: dict[str, Any]


@dataclass
class NodeRun:
    """A node's execution in one pipeline run, and its output artifacts by key."""

    execution: Execution
    outputs: dict[str, list[Artifact]] = field(default_factory=dict)


class MetadataReader:
    """Reads the ML Metadata store in a SQLite file.

    Args:
        path: SQLite file, such as `output/tfx_metadata/metadata.db`.

    Raises:
        MetadataMissing: the file does not exist. Opening it would create an empty store.
    """

    def __init__(self, path: str | Path) -> None:
        if not Path(path).is_file():
            raise MetadataMissing(
                f"no ML Metadata store at {path}. Run the pipeline first, or name another output folder"
            )
        connection = metadata_store_pb2.ConnectionConfig()
        connection.sqlite.filename_uri = str(path)
        connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
        self._store = mlmd.MetadataStore(connection)

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
        executions = self._executions(self._store.get_executions_by_id(sorted(ids)))
        return next((execution for execution in executions if execution.state != "CACHED"), None)

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
        type_name = proto.type or self._store.get_artifact_types_by_id([proto.type_id])[0].name
        return Artifact(proto.id, type_name, proto.uri, _properties(proto))

    def _executions(self, protos: Iterable[metadata_store_pb2.Execution]) -> list[Execution]:
        return [
            Execution(
                id=proto.id,
                node=self._node(proto.id) or self._type_name(proto),
                state=metadata_store_pb2.Execution.State.Name(proto.last_known_state),
                started_seconds=proto.create_time_since_epoch / 1000,
                seconds=(proto.last_update_time_since_epoch - proto.create_time_since_epoch) / 1000,
                properties=_properties(proto),
            )
            for proto in protos
        ]

    def _node(self, execution_id: int) -> str:
        names: dict[str, str] = defaultdict(str)
        with suppress(mlmd.errors.NotFoundError):  # the execution belongs to no pipeline
            for context in self._store.get_contexts_by_execution(execution_id):
                names[context.type] = context.name
        return names["node"].rpartition(".")[2]

    def _type_name(self, proto: metadata_store_pb2.Execution) -> str:
        """Name of the type, for executions outside of a pipeline."""
        return proto.type or self._store.get_execution_types_by_id([proto.type_id])[0].name


def _properties(proto: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for properties in (proto.properties, proto.custom_properties):
        for key, value in properties.items():
            kind = value.WhichOneof("value")
            if kind in ("int_value", "double_value", "string_value"):
                values[key] = getattr(value, kind)
            elif kind == "struct_value":
                values[key] = value.struct_value
    return values
