"""Copies the baseline, so that it is an artifact with a lineage."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils

from mocogan.components.baseline.found import FOUND, NOT_FOUND, STATE_KEY
from mocogan.components.baseline.pushed_baseline import (
    baseline_from_text,
    baseline_text,
    find_baseline,
)
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.model_pusher.pushed_version import copy_model
from mocogan.components.model_pusher.record import copy_properties, read_trainer_config
from mocogan.trainer.contract import TRAINER_CONFIG

CANDIDATE_KEY = "candidate"
SERVING_MODEL_DIR_KEY = "serving_model_dir"
BASELINE_KEY = "baseline"  # found before the cache is asked: from `baseline_text`


class Executor(base_executor.BaseExecutor):
    """Writes the newest pushed model that is not the candidate."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `baseline_model`. Without a baseline, it is an empty folder with the property `baseline`: none."""
        self._log_startup(input_dict, output_dict, exec_properties)
        output = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BASELINE_MODEL_KEY]
        )
        fileio.makedirs(output.uri)
        properties: dict[str, int | float | str] = {
            CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY]
        }
        given = exec_properties.get(BASELINE_KEY)
        baseline = baseline_from_text(
            given if given is not None else look(input_dict, exec_properties)
        )
        if baseline is None:
            set_custom_properties(output, properties | {STATE_KEY: NOT_FOUND})
            return
        copy_model(baseline.folder, path_utils.serving_model_dir(output.uri))
        properties |= {STATE_KEY: FOUND, **copy_properties(baseline)}
        if config := read_trainer_config(baseline.folder):
            properties[TRAINER_CONFIG] = config
        set_custom_properties(output, properties)


def look(input_dict: dict[str, list[types.Artifact]], exec_properties: dict[str, Any]) -> str:
    """Finds the baseline. Returns its text, or an empty text."""
    candidate = artifact_utils.get_single_instance(input_dict[CANDIDATE_KEY])
    path = path_utils.serving_model_path(candidate.uri, path_utils.is_old_model_artifact(candidate))
    return baseline_text(find_baseline(exec_properties[SERVING_MODEL_DIR_KEY], path))
