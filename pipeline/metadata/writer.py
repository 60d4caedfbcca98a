"""Records in ML Metadata what TFX does not: failures with their causes, and what happens outside of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.store import Store

ERROR_KEY = "error"  # custom property of a failed execution: the cause in one line
KILLED_ERROR = "the process was killed"  # the cause of a failure that nobody could record
REMOVED_KEY = "removed"  # custom property of a pipeline run whose files were deleted
_OPEN_STATES = (metadata_store_pb2.Execution.NEW, metadata_store_pb2.Execution.RUNNING)


def record_execution(
    metadata: Store,
    type_name: str,
    inputs: Mapping[str, Sequence[int]],
    output: tuple[str, str, str],
    properties: Mapping[str, int | float | str],
) -> int:
    """Records a complete execution and the artifact that it wrote.

    Args:
        metadata: The store. It must exist.
        type_name: Type of the execution. It is created if the store does not have it.
        inputs: Key -> ids of the artifacts that the execution read.
        output: Key, type and URI of the artifact. The store must have the type.
        properties: Custom properties of the artifact.

    Returns:
        The id of the artifact.
    """
    store = connect(metadata, write=True)
    key, artifact_type, uri = output
    artifact = metadata_store_pb2.Artifact(
        type_id=store.get_artifact_type(artifact_type).id,
        uri=uri,
        state=metadata_store_pb2.Artifact.LIVE,
    )
    for name, value in properties.items():
        set_value(artifact.custom_properties[name], value)
    execution = metadata_store_pb2.Execution(
        type_id=store.put_execution_type(metadata_store_pb2.ExecutionType(name=type_name)),
        last_known_state=metadata_store_pb2.Execution.COMPLETE,
    )
    pairs = [
        (_input(store, artifact_id), _event(metadata_store_pb2.Event.INPUT, name))
        for name, ids in inputs.items()
        for artifact_id in ids
    ]
    pairs.append((artifact, _event(metadata_store_pb2.Event.OUTPUT, key)))
    _, artifact_ids, _ = store.put_execution(execution, pairs, [])
    written: int = artifact_ids[-1]
    return written


def record_failure(metadata: Store, pipeline_run: str, error: str) -> list[int]:
    """Gives the failed execution of a run the cause of its failure.

    TFX marks the execution FAILED without a cause. If the process was interrupted, or a driver failed, it leaves the
    execution RUNNING, so this marks it.

    Args:
        metadata: The store.
        pipeline_run: Id of the run.
        error: The cause, one line.

    Returns:
        The ids of the executions, usually one. Empty if the run is not in the store.
    """
    store = connect(metadata, write=True)
    context = store.get_context_by_type_and_name("pipeline_run", pipeline_run)
    found = store.get_executions_by_context(context.id) if context else []
    failed = [
        execution
        for execution in found
        if execution.last_known_state in _OPEN_STATES
        or execution.last_known_state == metadata_store_pb2.Execution.FAILED
    ]
    return _fail(store, failed, error)


def mark_failed(metadata: Store, execution_ids: Sequence[int], error: str) -> list[int]:
    """Marks executions that are RUNNING in the store as FAILED, with a cause. Returns the ids of those it marked."""
    store = connect(metadata, write=True)
    found = store.get_executions_by_id(execution_ids)
    return _fail(store, [e for e in found if e.last_known_state in _OPEN_STATES], error)


def mark_removed(metadata: Store, pipeline_run: str, artifact_ids: Sequence[int]) -> None:
    """Marks artifacts as DELETED, and their run as removed. Does not touch files."""
    store = connect(metadata, write=True)
    artifacts = store.get_artifacts_by_id(artifact_ids)
    for artifact in artifacts:
        artifact.state = metadata_store_pb2.Artifact.DELETED
    store.put_artifacts(artifacts)
    context = store.get_context_by_type_and_name("pipeline_run", pipeline_run)
    context.custom_properties[REMOVED_KEY].int_value = 1
    store.put_contexts([context])


def mark_damaged(metadata: Store, artifact_ids: Sequence[int]) -> None:
    """Marks artifacts as ABANDONED, so that no node takes them from the cache. Does not touch files."""
    store = connect(metadata, write=True)
    artifacts = store.get_artifacts_by_id(artifact_ids)
    for artifact in artifacts:
        artifact.state = metadata_store_pb2.Artifact.ABANDONED
    store.put_artifacts(artifacts)


def _fail(
    store: mlmd.MetadataStore, executions: Sequence[metadata_store_pb2.Execution], error: str
) -> list[int]:
    for execution in executions:
        execution.last_known_state = metadata_store_pb2.Execution.FAILED
        execution.custom_properties[ERROR_KEY].string_value = error
    return list(store.put_executions(executions)) if executions else []


def _input(store: mlmd.MetadataStore, artifact_id: int) -> metadata_store_pb2.Artifact:
    return store.get_artifacts_by_id([artifact_id])[0]


def _event(kind: int, key: str) -> metadata_store_pb2.Event:
    event = metadata_store_pb2.Event(type=kind)
    event.path.steps.add().key = key
    return event


def set_value(target: metadata_store_pb2.Value, value: int | float | str) -> None:
    """Stores a value of a property by its own type."""
    if isinstance(value, int):
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    else:
        target.string_value = value
