"""Pushes a blessed model, and records the version."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.components.pusher import executor as pusher_executor
from tfx.components.util import model_utils
from tfx.dsl.io import fileio
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.record import (
    PUSHED_KEY,
    REASON_KEY,
    TRAINER_CONFIG_FILE,
    pushed_properties,
)
from mocogan.components.report_gen.content import CARD_FILE
from mocogan.trainer.contract import TRAINER_CONFIG

KEEP_VERSIONS_KEY = "keep_versions"
REPORT_KEY = "report"
# Parameters that Kubeflow and Vertex add, in place of the id of a local run.
RUN_NAME_KEY = "run_name"  # chosen for the run, or empty
JOB_NAME_KEY = "job_name"  # name of the service's run

_NOT_BLESSED = "the model is not blessed"
_NOT_INFRA_BLESSED = "the infra validation failed"


class Executor(pusher_executor.Executor):
    """TFX's Pusher with another way to push. The checks of the blessings are TFX's."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Pushes `model` if it is blessed. The output is a record of the push, with a copy of the manifest."""
        self._log_startup(input_dict, output_dict, exec_properties)
        output = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.PUSHED_MODEL_KEY]
        )
        properties = {CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY]}
        if not self.CheckBlessing(input_dict):
            properties |= {PUSHED_KEY: 0, REASON_KEY: _reason(input_dict)}
            set_custom_properties(output, properties)
            return
        pushed = push(
            self.GetModelPath(input_dict),
            destination_folder(exec_properties),
            run=_run(exec_properties) or (self._context.pipeline_run_id if self._context else None),
            evaluation=_blessing_uri(input_dict),
            keep_versions=exec_properties.get(KEEP_VERSIONS_KEY),
            additions=_model_card(input_dict) | _trainer_config(input_dict),
        )
        set_custom_properties(output, properties | pushed_properties(pushed))
        io_utils.write_string_file(
            os.path.join(output.uri, "manifest.json"), pushed.manifest.model_dump_json(indent=2)
        )


def destination_folder(exec_properties: dict[str, Any]) -> str:
    """Returns the folder that the parameter `push_destination` names."""
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination
    )
    folder: str = destination.filesystem.base_directory
    return folder.rstrip("/")


def _run(exec_properties: dict[str, Any]) -> str | None:
    return exec_properties.get(RUN_NAME_KEY) or exec_properties.get(JOB_NAME_KEY)


def _model_card(input_dict: dict[str, list[types.Artifact]]) -> dict[str, bytes]:
    reports = input_dict.get(REPORT_KEY)
    if not reports:
        return {}
    with fileio.open(os.path.join(reports[0].uri, CARD_FILE), "rb") as file:
        return {f"assets.extra/{CARD_FILE}": file.read()}


def _trainer_config(input_dict: dict[str, list[types.Artifact]]) -> dict[str, bytes]:
    """The options of the trainer, which the report on the next model compares with."""
    model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
    text = model.get_string_custom_property(TRAINER_CONFIG)
    return {TRAINER_CONFIG_FILE: text.encode()} if text else {}


def _blessing_uri(input_dict: dict[str, list[types.Artifact]]) -> str | None:
    blessings = input_dict.get(standard_component_specs.MODEL_BLESSING_KEY)
    return blessings[0].uri if blessings else None


def _reason(input_dict: dict[str, list[types.Artifact]]) -> str:
    reasons = []
    for blessing in input_dict.get(standard_component_specs.MODEL_BLESSING_KEY, []):
        if not model_utils.is_model_blessed(blessing):
            reasons.append(_NOT_BLESSED)
    for blessing in input_dict.get(standard_component_specs.INFRA_BLESSING_KEY, []):
        if not model_utils.is_infra_validated(blessing):
            found = blessing.get_string_custom_property(REASON_KEY)
            reasons.append(f"{_NOT_INFRA_BLESSED}: {found}" if found else _NOT_INFRA_BLESSED)
    return "; ".join(reasons)
