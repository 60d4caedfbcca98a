"""CuratedSchema: imports the handwritten schema of the raw examples into the pipeline."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tfx import types
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base import base_component
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from mocogan.components.schema import schema_path


class CuratedSchemaSpec(standard_component_specs.ImportSchemaGenSpec):
    """ImportSchemaGen's contract plus a hash of the file. TFX's cache key covers only the file's name."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads a plain class attribute)
        **standard_component_specs.ImportSchemaGenSpec.PARAMETERS,
        "schema_fingerprint": ExecutionParameter(type=str),
    }


class CuratedSchema(ImportSchemaGen):
    """Imports the schema that VideoExampleGen's examples must follow.

    Output: `schema` (Schema). The schema is written by hand. An inferred schema would limit `label` and `video_id` to
    the values in the first data set.
    """

    SPEC_CLASS = CuratedSchemaSpec

    def __init__(self) -> None:
        content = Path(schema_path()).read_bytes()
        # TFX's constructor would create its own spec, without the hash.
        base_component.BaseComponent.__init__(
            self,
            spec=CuratedSchemaSpec(
                schema_file=schema_path(),
                schema_fingerprint=hashlib.sha256(content).hexdigest()[:16],
                schema=types.Channel(type=standard_artifacts.Schema),
            ),
        )
