"""Runs `ingest` with TFX's artifacts and parameters."""

from __future__ import annotations

from typing import Any

from absl import logging
from tfx import types
from tfx.components.example_gen import write_split
from tfx.components.example_gen.utils import FINGERPRINT_PROPERTY_NAME
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import proto_utils

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import INGEST_CONFIG_KEY, set_custom_properties
from mocogan.components.video_example_gen.arguments.input_folder import input_folder
from mocogan.components.video_example_gen.ingest import ingest
from mocogan.data.config import IngestConfig
from mocogan.data.records.keys import EVAL, TRAIN

INGEST_REPORT_KEY = "ingest_report"
RESUME_ROOT_KEY = "resume_root"


class Executor(BaseBeamExecutor):
    """A folder of videos -> tf.Examples of clips in the splits 'train' and 'eval', and a report."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `examples` and `ingest_report`. Raises the same errors as `ingest`."""
        self._log_startup(input_dict, output_dict, exec_properties)
        config = IngestConfig.model_validate_json(exec_properties[INGEST_CONFIG_KEY])
        examples = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EXAMPLES_KEY]
        )
        report_artifact = artifact_utils.get_single_instance(output_dict[INGEST_REPORT_KEY])
        report = ingest(
            _source(exec_properties),
            config,
            examples.uri,
            report_artifact.uri,
            self._make_beam_pipeline,
            resume_root=exec_properties.get(RESUME_ROOT_KEY),
            tell=logging.info,
        )
        for rejected in report["videos"]["rejected"]:
            logging.warning("rejected %(path)s: %(code)s: %(message)s", rejected)
        _describe_format(examples)
        described = _described(report, config) | {
            INGEST_CONFIG_KEY: exec_properties[INGEST_CONFIG_KEY],
            CODE_FINGERPRINT_KEY: exec_properties[CODE_FINGERPRINT_KEY],
        }
        if report["taken_over_from"]:
            described["taken_over_from"] = report["taken_over_from"]
        if fingerprint := exec_properties.get(FINGERPRINT_PROPERTY_NAME):
            described[FINGERPRINT_PROPERTY_NAME] = fingerprint
        for artifact in (examples, report_artifact):
            set_custom_properties(artifact, described)


def _source(exec_properties: dict[str, Any]) -> str:
    input_config = example_gen_pb2.Input()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.INPUT_CONFIG_KEY], input_config
    )
    (split,) = input_config.splits
    return input_folder(exec_properties[standard_component_specs.INPUT_BASE_KEY], split.pattern)


def _describe_format(examples: types.Artifact) -> None:
    examples.split_names = artifact_utils.encode_split_names([TRAIN, EVAL])
    examples_utils.set_payload_format(examples, example_gen_pb2.FORMAT_TF_EXAMPLE)
    examples_utils.set_file_format(
        examples, write_split.to_file_format_str(example_gen_pb2.FORMAT_TFRECORDS_GZIP)
    )


def _described(report: dict[str, Any], config: IngestConfig) -> dict[str, int | str]:
    """The custom properties that the lineage shows."""
    return {
        "clips": report["clips"],
        "train_clips": report["splits"][TRAIN]["clips"],
        "eval_clips": report["splits"][EVAL]["clips"],
        "videos_accepted": report["videos"]["accepted"],
        "videos_rejected": len(report["videos"]["rejected"]),
        "videos_taken_over": report["videos"]["taken_over"],
        "num_frames": config.num_frames,
        "height": config.stored_size,
        "width": config.stored_size,
        "decoder": config.decoder,
    }
