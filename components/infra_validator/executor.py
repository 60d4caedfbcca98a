"""Tries the model, and writes the blessing as TFX's InfraValidator does."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, path_utils

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.infra_validator.trial import try_model

CONFIG_KEY = "config"

# As in tfx.components.infra_validator.executor, which needs Docker's client to be imported.
_BLESSED_FILE = "INFRA_BLESSED"
_NOT_BLESSED_FILE = "INFRA_NOT_BLESSED"


class Executor(base_executor.BaseExecutor):
    """Blesses a model that a new process can load and call."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Tries `model`. The property `reason` of the blessing says why a model is not blessed."""
        self._log_startup(input_dict, output_dict, exec_properties)
        config = InfraValidatorConfig.model_validate_json(exec_properties[CONFIG_KEY])
        model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        path = path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))
        trial = try_model(path, config)
        properties: dict[str, int | float | str] = {
            "blessed": trial.reason is None,
            "has_model": 0,  # the model to push is the trainer's
            "seconds": trial.seconds,
            "memory_mb": trial.memory_mb,
            CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY],
        }
        if trial.reason is not None:
            properties["reason"] = trial.reason
        set_custom_properties(blessing, properties)
        name = _BLESSED_FILE if trial.reason is None else _NOT_BLESSED_FILE
        io_utils.write_string_file(os.path.join(blessing.uri, name), "")
