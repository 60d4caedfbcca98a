"""What ML Metadata knows of one pipeline, among the others of the same output folder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.runs import Output, RunReader
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.outputs.leftovers import Place, place
from mocogan.pipeline.runners.run_process import RUNNING, UNKNOWN

_SUCCEEDED = (pb.Execution.COMPLETE, pb.Execution.CACHED)


class Ended(NamedTuple):
    """An execution that has no outputs, and will have none."""

    node: str
    started: float  # seconds since 1970


class PipelineRecords:
    """Reads the records of one pipeline.

    Args:
        out: The output folder.
        pipeline: Name of the pipeline.

    Raises:
        MetadataMissing: There is no store.
        StoreUnreadable: The store is damaged or out of reach.
    """

    def __init__(self, out: str, pipeline: str) -> None:
        self._reader = RunReader(out)
        self._store = connect(store_of(out))
        contexts = self._store.get_contexts_by_type("pipeline")
        self._own = next((context for context in contexts if context.name == pipeline), None)
        self.is_alone = {context.name for context in contexts} <= {pipeline}
        self._pipeline = pipeline

    def live_artifacts(self) -> list[Output]:
        """The artifacts of the pipeline that are not marked as deleted or damaged, without their properties."""
        if self._own is None:
            return []
        own = {artifact.id for artifact in self._store.get_artifacts_by_context(self._own.id)}
        return [found for found in self._artifacts if found.live and found.id in own]

    def places(self) -> set[Place]:
        """Places of all artifacts in the store, also of other pipelines."""
        return {place(artifact.uri) for artifact in self._artifacts}

    def ended_without_outputs(self, execution_ids: Iterable[int]) -> dict[int, Ended]:
        """Those of the executions that are of this pipeline, did not succeed, and do not run any more."""
        ids = sorted(set(execution_ids))
        found = self._store.get_executions_by_id(ids) if ids else []
        ended = {}
        for execution in found:
            if execution.last_known_state in _SUCCEEDED or self._may_run(execution.id):
                continue
            pipeline, _, node = self._node_of(execution.id).rpartition(".")
            if pipeline == self._pipeline:
                ended[execution.id] = Ended(node, execution.create_time_since_epoch / 1000)
        return ended

    def may_run(self) -> bool:
        """Whether a run of this pipeline is running, or may be on another machine."""
        return any(
            run.state in (RUNNING, UNKNOWN)
            for run in self._reader.open_runs()
            if run.pipeline == self._pipeline
        )

    @cached_property
    def _artifacts(self) -> list[Output]:
        return self._reader.all_artifacts()

    def _may_run(self, execution_id: int) -> bool:
        number = self._reader.run_number(execution_id)
        return number is None or self._reader.find(str(number)).state in (RUNNING, UNKNOWN)

    def _node_of(self, execution_id: int) -> str:
        """Name of the context, such as `mocogan.Transform`. Empty if there is none."""
        with suppress(mlmd.errors.NotFoundError):
            for context in self._store.get_contexts_by_execution(execution_id):
                if context.type == "node":
                    return str(context.name)
        return ""
