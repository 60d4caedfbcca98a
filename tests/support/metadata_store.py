"""ML Metadata stores with the records of a pipeline that did not run."""

from __future__ import annotations

from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb


class Recorder:
    """Writes executions and artifacts the way TFX does."""

    def __init__(self, path: Path) -> None:
        connection = pb.ConnectionConfig()
        connection.sqlite.filename_uri = str(path)
        self.store = mlmd.MetadataStore(connection)
        self.run = self._context("pipeline_run", "run-1")

    def _context(self, type_name: str, name: str) -> int:
        found = self.store.get_context_by_type_and_name(type_name, name)
        if found:
            return found.id
        type_id = self.store.put_context_type(pb.ContextType(name=type_name))
        return self.store.put_contexts([pb.Context(type_id=type_id, name=name)])[0]

    def new_run(self, name: str) -> None:
        self.run = self._context("pipeline_run", name)

    def execute(
        self,
        node: str,
        inputs: list[int] | dict[str, int],
        outputs: dict[str, int],
        state: int = pb.Execution.COMPLETE,
        cache_key: str | None = None,
        type_name: str | None = None,
        **properties: int | str,
    ) -> int:
        """Records an execution in the current run. The keys of `inputs` are their roles. Returns its id.

        The name of its type ends with that of the node, unless `type_name` says otherwise.
        """
        kind = f"some.module.{type_name or node}"
        type_id = self.store.put_execution_type(pb.ExecutionType(name=kind))
        execution = pb.Execution(type_id=type_id, last_known_state=state)
        for key, value in properties.items():
            _set(execution.custom_properties[key], value)
        (execution_id,) = self.store.put_executions([execution])
        named = inputs.items() if isinstance(inputs, dict) else [("", i) for i in inputs]
        events = [_event(pb.Event.INPUT, execution_id, i, key) for key, i in named]
        events += [_event(pb.Event.OUTPUT, execution_id, i, key) for key, i in outputs.items()]
        self.store.put_events(events)
        contexts = [self.run, self._context("node", f"mocogan.{node}")]
        if cache_key:
            contexts.append(self._context("execution_cache", cache_key))
        self.store.put_attributions_and_associations(
            [], [pb.Association(execution_id=execution_id, context_id=c) for c in contexts]
        )
        return execution_id

    def artifact(self, type_name: str, uri: str | None = None, **properties: int | str) -> int:
        type_id = self.store.put_artifact_type(pb.ArtifactType(name=type_name))
        artifact = pb.Artifact(
            type_id=type_id, uri=uri or f"/out/{type_name}", state=pb.Artifact.State.LIVE
        )
        for key, value in properties.items():
            _set(artifact.custom_properties[key], value)
        return self.store.put_artifacts([artifact])[0]


def _event(kind: int, execution_id: int, artifact_id: int, key: str) -> pb.Event:
    event = pb.Event(artifact_id=artifact_id, execution_id=execution_id, type=kind)
    if key:
        event.path.steps.add().key = key
    return event


def _set(target: pb.Value, value: int | str) -> None:
    if isinstance(value, int):
        target.int_value = value
    else:
        target.string_value = value
