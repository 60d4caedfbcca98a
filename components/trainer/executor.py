"""Runs `run_fn` as TFX's Trainer does, passes it folders that stay and the ingest options, and stores its metrics."""

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
from mocogan.components.custom_properties import INGEST_CONFIG_KEY, set_custom_properties
from mocogan.components.kept_folder import kept_folder
from mocogan.components.warm_start.found import base_of, has_model
from mocogan.data.config import IngestConfig
from mocogan.trainer import contract
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

CHECKPOINTS_KEY = "checkpoints"


class Executor(GenericExecutor):
    """GenericExecutor with folders for checkpoints and logs, and with metrics on the outputs."""

    def _GetFnArgs(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> FnArgs:
        found = input_dict.get(standard_component_specs.BASE_MODEL_KEY)
        if found and not has_model(found[0]):
            input_dict = {
                key: value
                for key, value in input_dict.items()
                if key != standard_component_specs.BASE_MODEL_KEY
            }
        fn_args = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        base = base_of(found[0], fn_args.base_model) if found else None
        checkpoint_dir = artifact_utils.get_single_uri(output_dict[CHECKPOINTS_KEY])
        given = fn_args.custom_config
        kept = {
            contract.CHECKPOINT_ROOT: kept_folder(checkpoint_dir, "kept_checkpoints"),
            contract.LOG_ROOT: kept_folder(checkpoint_dir, "kept_logs"),
        }
        fn_args.custom_config = {
            **given,
            **{name: given[name] or folder for name, folder in kept.items()},
            contract.INGEST_CONFIG: _ingest_options(
                input_dict[standard_component_specs.EXAMPLES_KEY]
            ),
            contract.CHECKPOINT_DIR: checkpoint_dir,
            contract.CODE_FINGERPRINT: exec_properties[CODE_FINGERPRINT_KEY],
            contract.BASE: base and base.model_dump(mode="json"),
        }
        return fn_args

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Runs the training, then stores its metrics on all three outputs.

        Raises ValueError when the examples do not tell how their clips were cut, and RuntimeError when `run_fn`
        exports no model or writes no valid summary.
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


def _ingest_options(examples: list[types.Artifact]) -> dict[str, Any]:
    """The INGEST_OPTIONS of the examples, which the description of the model repeats."""
    by_uri = {artifact.uri: _ingest_options_of(artifact) for artifact in examples}
    first, *others = by_uri.values()
    if any(options != first for options in others):
        raise ValueError(f"the examples were cut from videos in different ways: {by_uri}")
    return first


def _ingest_options_of(examples: types.Artifact) -> dict[str, Any]:
    text = examples.get_string_custom_property(INGEST_CONFIG_KEY)
    if not text:
        raise ValueError(
            f"the examples in {examples.uri} have no property {INGEST_CONFIG_KEY!r}, which tells how the clips were "
            "cut from videos. Use the examples of VideoExampleGen. For an Importer, set "
            f"custom_properties={{{INGEST_CONFIG_KEY!r}: '{{}}'}} with the options that differ from their defaults"
        )
    try:
        config = IngestConfig.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(
            f"the property {INGEST_CONFIG_KEY!r} of {examples.uri} is not valid: {error}"
        ) from error
    return config.model_dump(mode="json", include=set(contract.INGEST_OPTIONS))


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
