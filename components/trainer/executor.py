"""Runs `run_fn` as TFX's Trainer does, passes it a checkpoint folder, and stores its metrics."""

from __future__ import annotations

import json
import os
from typing import Any

from pydantic import ValidationError
from tfx import types
from tfx.components.trainer.executor import GenericExecutor
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.trainer import contract
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

CHECKPOINTS_KEY = "checkpoints"


class Executor(GenericExecutor):
    """GenericExecutor with a checkpoint folder and metrics on the outputs."""

    def _GetFnArgs(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> FnArgs:
        fn_args = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        checkpoint_dir = artifact_utils.get_single_uri(output_dict[CHECKPOINTS_KEY])
        fn_args.custom_config = {
            **fn_args.custom_config,
            contract.CHECKPOINT_DIR: checkpoint_dir,
            contract.CODE_FINGERPRINT: exec_properties[CODE_FINGERPRINT_KEY],
        }
        return fn_args

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Runs the training, then stores its metrics on all three outputs.

        Raises RuntimeError when `run_fn` exports no model or writes no valid summary.
        """
        super().Do(input_dict, output_dict, exec_properties)
        model_run_dir = artifact_utils.get_single_uri(
            output_dict[standard_component_specs.MODEL_RUN_KEY]
        )
        config = json.loads(exec_properties[standard_component_specs.CUSTOM_CONFIG_KEY])
        properties = read_training_summary(model_run_dir).properties() | {
            contract.TRAINER_CONFIG: json.dumps(config[contract.TRAINER_CONFIG], sort_keys=True),
            CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY],
        }
        for artifacts in output_dict.values():
            set_custom_properties(artifact_utils.get_single_instance(artifacts), properties)


def read_training_summary(model_run_dir: str) -> TrainingSummary:
    """Reads the summary that `run_fn` wrote. Raises RuntimeError when it is missing or invalid."""
    path = os.path.join(model_run_dir, TRAINING_SUMMARY_FILE)
    if not fileio.exists(path):
        raise RuntimeError(f"run_fn did not write {path}")
    with fileio.open(path) as file:
        text = file.read()
    try:
        return TrainingSummary.model_validate_json(text)
    except ValidationError as error:
        raise RuntimeError(f"{path} is not a valid training summary: {error}") from error
