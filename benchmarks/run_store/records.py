"""Executions, artifacts and events. ML Metadata gets all of them at once, because each call takes milliseconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from benchmarks.run_store.nodes import NODES
from mocogan.pipeline.metadata.sqlite_store import SqliteStore

PIPELINE = "mocogan"


class RecordedExecution(NamedTuple):
    """An execution of a node."""

    proto: pb.Execution
    node: str
    run_id: str
    cache_key: str | None  # None: it did not end well
    start: float  # seconds since 1970
    end: float

    @property
    def contexts(self) -> list[tuple[str, str]]:
        """Types and names."""
        cache = [("execution_cache", self.cache_key)] if self.cache_key else []
        run = ("pipeline_run", self.run_id)
        return [("pipeline", PIPELINE), run, ("node", f"{PIPELINE}.{self.node}"), *cache]


class RecordedArtifact(NamedTuple):
    """An artifact."""

    proto: pb.Artifact
    type: str
    producer: int  # number of the execution


class RecordedEvent(NamedTuple):
    """What an execution read or wrote. Executions and artifacts are numbered from 0."""

    execution: int
    artifact: int
    kind: int  # pb.Event.INPUT or OUTPUT
    key: str


@dataclass
class Records:
    """What a store gets. The ids of executions and artifacts will be their numbers plus one."""

    executions: list[RecordedExecution] = field(default_factory=list)
    artifacts: list[RecordedArtifact] = field(default_factory=list)
    events: list[RecordedEvent] = field(default_factory=list)


def write_records(records: Records, place: SqliteStore) -> None:
    """Writes a new store. Its folder must exist."""
    config = place.connection_config(write=True)
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = mlmd.MetadataStore(config)
    executions = _put_executions(store, records.executions)
    artifacts = _put_artifacts(store, records.artifacts)
    store.put_events([_event(event, executions, artifacts) for event in records.events])
    _put_contexts(store, records, executions, artifacts)
    del store
    _set_times(place.path, records.executions, executions)


def _put_executions(
    store: mlmd.MetadataStore, recorded: Sequence[RecordedExecution]
) -> Sequence[int]:
    types = {
        node.name: store.put_execution_type(pb.ExecutionType(name=node.type)) for node in NODES
    }
    for execution in recorded:
        execution.proto.type_id = types[execution.node]
    ids: Sequence[int] = store.put_executions([execution.proto for execution in recorded])
    return ids


def _put_artifacts(
    store: mlmd.MetadataStore, recorded: Sequence[RecordedArtifact]
) -> Sequence[int]:
    kinds = sorted({artifact.type for artifact in recorded})
    types = {kind: store.put_artifact_type(pb.ArtifactType(name=kind)) for kind in kinds}
    for artifact in recorded:
        artifact.proto.type_id = types[artifact.type]
    ids: Sequence[int] = store.put_artifacts([artifact.proto for artifact in recorded])
    return ids


def _put_contexts(
    store: mlmd.MetadataStore,
    records: Records,
    executions: Sequence[int],
    artifacts: Sequence[int],
) -> None:
    contexts = [execution.contexts for execution in records.executions]
    names = list(dict.fromkeys(name for found in contexts for name in found))
    kinds = dict.fromkeys(kind for kind, _ in names)
    types = {kind: store.put_context_type(pb.ContextType(name=kind)) for kind in kinds}
    protos = [pb.Context(type_id=types[kind], name=name) for kind, name in names]
    ids = dict(zip(names, store.put_contexts(protos), strict=True))
    associations = [
        pb.Association(execution_id=execution, context_id=ids[name])
        for execution, found in zip(executions, contexts, strict=True)
        for name in found
    ]
    attributions = [
        pb.Attribution(artifact_id=artifact, context_id=ids[name])
        for artifact, recorded in zip(artifacts, records.artifacts, strict=True)
        for name in contexts[recorded.producer]
    ]
    store.put_attributions_and_associations(attributions, associations)


def _set_times(
    path: Path, recorded: Sequence[RecordedExecution], executions: Sequence[int]
) -> None:
    """Writes the times that the nodes would have had. ML Metadata's interface cannot."""
    times = [
        (int(execution.start * 1000), int(execution.end * 1000), number)
        for number, execution in zip(executions, recorded, strict=True)
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "UPDATE Execution SET create_time_since_epoch=?, last_update_time_since_epoch=? WHERE id=?",
            times,
        )


def _event(event: RecordedEvent, executions: Sequence[int], artifacts: Sequence[int]) -> pb.Event:
    proto = pb.Event(
        execution_id=executions[event.execution],
        artifact_id=artifacts[event.artifact],
        type=event.kind,
    )
    proto.path.steps.add().key = event.key
    proto.path.steps.add().index = 0
    return proto
