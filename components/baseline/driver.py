"""Looks for the baseline before the cache is asked, so that the cache sees a new one."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.orchestration import data_types
from tfx.orchestration.portable import data_types as portable_data_types
from tfx.proto.orchestration import driver_output_pb2

from mocogan.components.baseline.executor import BASELINE_KEY, look
from mocogan.components.driver import Driver


class BaselineDriver(Driver):
    """Adds the baseline to the parameters. Kubeflow and Vertex run no drivers: there, a task before does the same."""

    def run(
        self, execution_info: portable_data_types.ExecutionInfo
    ) -> driver_output_pb2.DriverOutput:
        """Called by the local engine before it looks into the cache."""
        output = driver_output_pb2.DriverOutput()
        found = look(execution_info.input_dict, execution_info.exec_properties)
        output.exec_properties[BASELINE_KEY].string_value = found
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
        """Called by InteractiveContext next, before it looks into the cache. Adds the baseline to the parameters."""
        found: dict[str, list[types.Artifact]] = super().resolve_input_artifacts(
            input_dict, exec_properties, *arguments
        )
        exec_properties[BASELINE_KEY] = look(found, exec_properties)
        return found
