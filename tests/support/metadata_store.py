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
        inputs: list[int],
        outputs: dict[str, int],
        state: int = pb.Execution.COMPLETE,
        **properties: str,
    ) -> None:
        type_id = self.store.put_execution_type(pb.ExecutionType(name=f"some.module.{node}"))
        execution = pb.Execution(type_id=type_id, last_known_state=state)
        for key, value in properties.items():
            execution.custom_properties[key].string_value = value
        (execution_id,) = self.store.put_executions([execution])
        events = [
            pb.Event(artifact_id=i, execution_id=execution_id, type=pb.Event.INPUT) for i in inputs
        ]
        for key, artifact_id in outputs.items():
            event = pb.Event(
                artifact_id=artifact_id, execution_id=execution_id, type=pb.Event.OUTPUT
            )
            event.path.steps.add().key = key
            events.append(event)
        self.store.put_events(events)
        contexts = (self.run, self._context("node", f"mocogan.{node}"))
        self.store.put_attributions_and_associations(
            [], [pb.Association(execution_id=execution_id, context_id=c) for c in contexts]
        )

    def artifact(self, type_name: str, uri: str | None = None, **properties: int | str) -> int:
        type_id = self.store.put_artifact_type(pb.ArtifactType(name=type_name))
        artifact = pb.Artifact(
            type_id=type_id, uri=uri or f"/out/{type_name}", state=pb.Artifact.State.LIVE
        )
        for key, value in properties.items():
            if isinstance(value, int):
                artifact.custom_properties[key].int_value = value
            else:
                artifact.custom_properties[key].string_value = value
        return self.store.put_artifacts([artifact])[0]
