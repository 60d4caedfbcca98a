"""The bases of drivers of this project."""

from __future__ import annotations

from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types, metadata
from tfx.orchestration.portable import base_driver as portable_base_driver
from tfx.orchestration.portable import data_types as portable_data_types
from tfx.proto.orchestration import driver_output_pb2


class Driver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """A driver for both of TFX's launchers. The local engine calls `run`, InteractiveContext the `resolve_` methods."""

    def __init__(self, metadata_handle: metadata.Metadata) -> None:
        base_driver.BaseDriver.__init__(self, metadata_handle)
        portable_base_driver.BaseDriver.__init__(self, metadata_handle)


class LookingDriver(Driver):
    """Looks at what lies outside the pipeline before the cache is asked, and adds what it finds to the parameters.

    Kubeflow and Vertex run no drivers. There, a task before the node does the same.
    """

    PARAMETER: ClassVar[str]

    def look(
        self, input_dict: dict[str, list[types.Artifact]], exec_properties: dict[str, Any]
    ) -> str:
        """Returns the value of PARAMETER."""
        raise NotImplementedError

    def run(
        self, execution_info: portable_data_types.ExecutionInfo
    ) -> driver_output_pb2.DriverOutput:
        """Called by the local engine before it looks into the cache."""
        output = driver_output_pb2.DriverOutput()
        found = self.look(execution_info.input_dict, execution_info.exec_properties)
        output.exec_properties[self.PARAMETER].string_value = found
        return output

    def resolve_exec_properties(
        self,
        exec_properties: dict[str, Any],
        pipeline_info: data_types.PipelineInfo,
        component_info: data_types.ComponentInfo,
    ) -> dict[str, Any]:
        """Called by InteractiveContext first. The copy is what the execution gets."""
        del pipeline_info, component_info
        return dict(exec_properties)

    def resolve_input_artifacts(
        self,
        input_dict: dict[str, types.BaseChannel],
        exec_properties: dict[str, Any],
        *arguments: Any,
    ) -> dict[str, list[types.Artifact]]:
        """Called by InteractiveContext next, before it looks into the cache. Adds to the parameters."""
        found: dict[str, list[types.Artifact]] = super().resolve_input_artifacts(
            input_dict, exec_properties, *arguments
        )
        exec_properties[self.PARAMETER] = self.look(found, exec_properties)
        return found
