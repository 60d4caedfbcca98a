"""Copies the model to start from, so that it is an artifact with a lineage."""

from __future__ import annotations

import os
from typing import Any

import tensorflow_transform as tft
from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.model_pusher.pushed_version import PushedVersion, copy_model
from mocogan.components.model_pusher.record import MODEL_KEY, copy_properties
from mocogan.components.warm_start.chosen_start import find_start, model_at, start_of_latest
from mocogan.components.warm_start.found import FOUND, GONE, NOT_FOUND, STATE_KEY
from mocogan.trainer.checkpoints.training_key import start_of
from mocogan.trainer.contract import LATEST, NO_WARM_START

# Inputs. They have names of their own, because the model to start from does not come from them.
EXAMPLES_KEY = "examples_to_train_on"
TRANSFORM_GRAPH_KEY = "transform_to_train_with"
# Parameters.
WARM_START_KEY = "warm_start"
TRAINING_OPTIONS_KEY = "training_options"
CHECKPOINT_ROOT_KEY = "checkpoint_root"
SERVING_MODEL_DIR_KEY = "serving_model_dir"
START_KEY = "start"  # chosen before the cache is asked

TRAIN_SPLIT = "train"


class Executor(base_executor.BaseExecutor):
    """Writes the model that a training starts from."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `base_model`. Without a model, it is an empty folder with the property `warm_start`: none or gone."""
        self._log_startup(input_dict, output_dict, exec_properties)
        output = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BASE_MODEL_KEY]
        )
        fileio.makedirs(output.uri)
        start = exec_properties.get(START_KEY)
        if start is None:
            start = look(input_dict, exec_properties)
        code = {CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY]}
        set_custom_properties(output, code | _write(output.uri, start, exec_properties))


def _write(uri: str, start: str, exec_properties: dict[str, Any]) -> dict[str, str]:
    """Copies the model. Returns the properties of the artifact."""
    if not start:
        logging.info("there is no model to start from, so the training starts anew")
        return {STATE_KEY: NOT_FOUND}
    model = _model(start, exec_properties)
    if model is None:
        logging.warning("the model %s was deleted. The training can only resume", start)
        return {STATE_KEY: GONE, MODEL_KEY: start}
    copy_model(model.folder, path_utils.serving_model_dir(uri))
    return {STATE_KEY: FOUND, **copy_properties(model)}


def _model(start: str, exec_properties: dict[str, Any]) -> PushedVersion | None:
    chosen = exec_properties[WARM_START_KEY]
    if chosen == LATEST:
        return find_start(exec_properties[SERVING_MODEL_DIR_KEY], start)
    return model_at(chosen)


def look(input_dict: dict[str, list[types.Artifact]], exec_properties: dict[str, Any]) -> str:
    """Chooses the model to start from. Returns the first digits of its hash, or an empty text."""
    examples = artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])
    graph = artifact_utils.get_single_uri(input_dict[TRANSFORM_GRAPH_KEY])
    return chosen_start(
        artifact_utils.get_split_uri([examples], TRAIN_SPLIT), graph, exec_properties
    )


def chosen_start(examples: str, graph: str, exec_properties: dict[str, Any]) -> str:
    """Like `look`, for a folder of examples and the folder of a TransformGraph."""
    chosen = exec_properties[WARM_START_KEY]
    if chosen == NO_WARM_START:
        return ""
    if chosen != LATEST:
        return start_of(model_at(chosen).model_sha256)
    return start_of_latest(
        exec_properties[TRAINING_OPTIONS_KEY],
        [os.path.join(examples, "*")],
        tft.TFTransformOutput(graph).transform_savedmodel_dir,
        exec_properties[CHECKPOINT_ROOT_KEY],
        exec_properties[SERVING_MODEL_DIR_KEY],
    )
