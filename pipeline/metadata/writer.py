"""Records in ML Metadata what happens outside of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2


def record_execution(
    path: Path,
    type_name: str,
    inputs: Mapping[str, Sequence[int]],
    output: tuple[str, str, str],
    properties: Mapping[str, int | float | str],
) -> int:
    """Records a complete execution and the artifact that it wrote.

    Args:
        path: SQLite file of the store. It must exist.
        type_name: Type of the execution. It is created if the store does not have it.
        inputs: Key -> ids of the artifacts that the execution read.
        output: Key, type and URI of the artifact. The store must have the type.
        properties: Custom properties of the artifact.

    Returns:
        The id of the artifact.
    """
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(path)
    connection.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE
    store = mlmd.MetadataStore(connection)
    key, artifact_type, uri = output
    artifact = metadata_store_pb2.Artifact(
        type_id=store.get_artifact_type(artifact_type).id,
        uri=uri,
        state=metadata_store_pb2.Artifact.LIVE,
    )
    for name, value in properties.items():
        _set(artifact.custom_properties[name], value)
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


def _input(store: mlmd.MetadataStore, artifact_id: int) -> metadata_store_pb2.Artifact:
    return store.get_artifacts_by_id([artifact_id])[0]


def _event(kind: int, key: str) -> metadata_store_pb2.Event:
    event = metadata_store_pb2.Event(type=kind)
    event.path.steps.add().key = key
    return event


def _set(target: metadata_store_pb2.Value, value: int | float | str) -> None:
    if isinstance(value, int):
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    else:
        target.string_value = value
