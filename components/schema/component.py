"""CuratedSchema: brings the handwritten schema of the raw examples into the pipeline."""

from __future__ import annotations

from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.schema import FINGERPRINT_KEY, schema_fingerprint
from mocogan.components.schema.executor import Executor


class CuratedSchemaSpec(types.ComponentSpec):
    """Outputs and parameters of CuratedSchema."""

    PARAMETERS: ClassVar = {FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS: ClassVar[dict] = {}
    OUTPUTS: ClassVar = {
        standard_component_specs.SCHEMA_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Schema
        )
    }


class CuratedSchema(base_component.BaseComponent):
    """Provides the schema that VideoExampleGen's examples must follow.

    Output: `schema` (Schema). The schema is written by hand. An inferred schema would limit `label` and `video_id` to
    the values in the first data set. The schema lies in this package. TFX's ImportSchemaGen would store its path, which
    does not exist on another machine.
    """

    SPEC_CLASS = CuratedSchemaSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(self) -> None:
        super().__init__(
            spec=CuratedSchemaSpec(
                schema_fingerprint=schema_fingerprint(),
                schema=types.Channel(type=standard_artifacts.Schema),
            )
        )
