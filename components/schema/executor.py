"""Writes the curated schema of this package into the pipeline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tfx import types
from tfx.components.schema_gen.executor import DEFAULT_FILE_NAME
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from mocogan.components.schema import FINGERPRINT_KEY, schema_fingerprint, schema_path


class SchemaChanged(RuntimeError):
    """The schema differs from the one that the pipeline was built with."""


class Executor(base_executor.BaseExecutor):
    """Copies the schema. It reads no path of the machine that built the pipeline."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `schema`. Raises SchemaChanged if the schema here is not the one of the parameters."""
        self._log_startup(input_dict, output_dict, exec_properties)
        expected, found = exec_properties[FINGERPRINT_KEY], schema_fingerprint()
        if found != expected:
            raise SchemaChanged(
                f"the schema of this installation ({found}) is not the one that the pipeline was built with "
                f"({expected}). Build the image again, or compile the pipeline with the code of the image"
            )
        output = artifact_utils.get_single_uri(output_dict[standard_component_specs.SCHEMA_KEY])
        path = os.path.join(output, DEFAULT_FILE_NAME)
        io_utils.write_string_file(path, Path(schema_path()).read_text(encoding="utf-8"))
