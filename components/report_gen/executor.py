"""Reads the artifacts of a run, and writes the report."""

from __future__ import annotations

import json
from typing import Any

from tfx import types
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils, standard_component_specs

from mocogan.components.baseline.found import found_baseline
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.report_gen.content import Origin, Provenance
from mocogan.components.report_gen.gather import Folders, config_changes, gather
from mocogan.components.report_gen.written_report import write_report
from mocogan.trainer.contract import TRAINER_CONFIG

REPORT_KEY = "report"
INGEST_REPORT_KEY = "ingest_report"

# Inputs by key, and what the report calls them.
ROLES = {
    standard_component_specs.MODEL_KEY: "candidate",
    standard_component_specs.BASELINE_MODEL_KEY: "baseline",
    standard_component_specs.EVALUATION_KEY: "evaluation",
    standard_component_specs.MODEL_RUN_KEY: "training log",
    INGEST_REPORT_KEY: "ingest report",
}


class Executor(BaseExecutor):
    """Writes the page and the model card. It computes nothing, so it takes seconds."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `report`. Raises ValueError when a file of the inputs is damaged."""
        self._log_startup(input_dict, output_dict, exec_properties)
        found = {key: found_baseline(input_dict.get(key, [])) for key in ROLES}
        inputs = {key: artifact for key, artifact in found.items() if artifact is not None}
        folders = Folders(
            *(
                inputs[key].uri if key in inputs else None
                for key in (
                    standard_component_specs.EVALUATION_KEY,
                    standard_component_specs.MODEL_RUN_KEY,
                    INGEST_REPORT_KEY,
                )
            )
        )
        content = gather(
            folders,
            trainer_config=_trainer_config(inputs[standard_component_specs.MODEL_KEY]),
            provenance=_provenance(inputs),
        )
        output = artifact_utils.get_single_instance(output_dict[REPORT_KEY])
        write_report(output.uri, content)
        set_custom_properties(output, {CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY]})


def _provenance(inputs: dict[str, types.Artifact]) -> Provenance:
    baseline = inputs.get(standard_component_specs.BASELINE_MODEL_KEY)
    candidate = inputs[standard_component_specs.MODEL_KEY]
    changes = None
    if baseline is not None:
        changes = config_changes(_trainer_config(candidate), _trainer_config(baseline))
    return Provenance(
        [Origin(ROLES[key], artifact.uri, artifact.id) for key, artifact in inputs.items()],
        changes,
    )


def _trainer_config(model: types.Artifact) -> dict[str, Any]:
    """The options that the trainer stored on a model. Models of others have none."""
    text = model.get_string_custom_property(TRAINER_CONFIG)
    config: dict[str, Any] = json.loads(text) if text else {}
    return config
