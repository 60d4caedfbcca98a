"""Lets the Pusher push again what has gone missing."""

from __future__ import annotations

import posixpath
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import data_types
from tfx.orchestration.portable import data_types as portable_data_types
from tfx.proto.orchestration import driver_output_pb2
from tfx.types import standard_artifacts

from mocogan.components.driver import Driver
from mocogan.components.model_pusher.executor import destination_folder
from mocogan.components.model_pusher.record import DESTINATION_KEY
from mocogan.components.model_pusher.versions import is_whole


class PusherDriver(Driver):
    """Marks records of pushed versions as deleted if the versions are gone.

    TFX's cache takes only records that are live. So an unchanged run comes from the cache while its version exists, and
    pushes it again otherwise. Kubeflow and Vertex use no drivers. There, the compiled pipeline has no cache for the
    Pusher.
    """

    def run(
        self, execution_info: portable_data_types.ExecutionInfo
    ) -> driver_output_pb2.DriverOutput:
        """Called by the local engine before it looks into the cache."""
        self._mark_missing(execution_info.exec_properties)
        return driver_output_pb2.DriverOutput()

    def resolve_exec_properties(
        self,
        exec_properties: dict[str, Any],
        pipeline_info: data_types.PipelineInfo,
        component_info: data_types.ComponentInfo,
    ) -> dict[str, Any]:
        """Called by InteractiveContext before it looks into the cache."""
        del pipeline_info, component_info
        self._mark_missing(exec_properties)
        return exec_properties

    def _mark_missing(self, exec_properties: dict[str, Any]) -> None:
        destination = destination_folder(exec_properties)
        with self._metadata_handle as handle:
            records = handle.store.get_artifacts_by_type(standard_artifacts.PushedModel.TYPE_NAME)
            missing = [record for record in records if _is_missing(record, destination)]
            for record in missing:
                record.state = metadata_store_pb2.Artifact.DELETED
            if missing:
                handle.store.put_artifacts(missing)


def _is_missing(record: metadata_store_pb2.Artifact, destination: str) -> bool:
    folder = record.custom_properties[DESTINATION_KEY].string_value
    return (
        record.state == metadata_store_pb2.Artifact.LIVE
        and posixpath.dirname(folder) == destination
        and not is_whole(folder)
    )
