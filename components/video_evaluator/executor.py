"""Reads the artifacts, evaluates the model, and writes the blessing as TFX's Evaluator does."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.components.evaluator import constants
from tfx.components.evaluator import executor as evaluator_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts, standard_component_specs
from tfx.utils import io_utils, path_utils

from mocogan.components.baseline.found import found_baseline
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY
from mocogan.components.custom_properties import set_custom_properties
from mocogan.components.kept_folder import kept_folder
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import contract_report, evaluate_model
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.components.video_evaluator.sampling import OutputContractError, UnloadableModel
from mocogan.components.video_evaluator.written_evaluation import write_evaluation, write_report
from mocogan.evaluation.feature_cache import FeatureCache

CONFIG_KEY = "config"
CACHE_FOLDER_KEY = "cache_folder"


class Executor(evaluator_executor.Executor):
    """Evaluates a model. Kubeflow's entry point keeps the model's name only for subclasses of TFX's Evaluator."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Evaluates `model`, and compares it with `baseline_model` if there is one."""
        self._log_startup(input_dict, output_dict, exec_properties)
        config = EvaluatorConfig.model_validate_json(exec_properties[CONFIG_KEY])
        version = exec_properties[CODE_FINGERPRINT_KEY]
        model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
        baseline = found_baseline(input_dict.get(standard_component_specs.BASELINE_MODEL_KEY, []))
        output = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EVALUATION_KEY]
        )
        cache_folder = exec_properties.get(CACHE_FOLDER_KEY) or kept_folder(
            output.uri, "kept_features"
        )
        try:
            evaluation = evaluate_model(
                _model_path(model),
                _model_path(baseline) if baseline else None,
                _split_files(input_dict[standard_component_specs.EXAMPLES_KEY]),
                config,
                FeatureCache(cache_folder, version),
            )
        except UnloadableModel:
            raise
        except OutputContractError as error:
            report = contract_report(error)
            write_report(output.uri, report)
        else:
            report = evaluation.report
            write_evaluation(output.uri, evaluation)
        properties = _properties(report) | {CODE_FINGERPRINT_KEY: version}
        set_custom_properties(output, properties)
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        _bless(blessing, report, model, baseline)


def _split_files(examples: list[types.Artifact]) -> dict[str, list[str]]:
    names = {
        name
        for artifact in examples
        for name in artifact_utils.decode_split_names(artifact.split_names)
    }
    return {
        name: sorted(
            os.fsdecode(file)
            for uri in artifact_utils.get_split_uris(examples, name)
            for file in fileio.glob(io_utils.all_files_pattern(uri))
        )
        for name in names
    }


def _model_path(model: types.Artifact) -> str:
    is_old = model.type is standard_artifacts.Model and path_utils.is_old_model_artifact(model)
    path: str = path_utils.serving_model_path(model.uri, is_old)
    return path


def _properties(report: EvaluationReport) -> dict[str, int | float | str]:
    metrics: dict[str, int | float | str] = {
        name: metric.value for name, metric in report.metrics.items() if metric.value is not None
    }
    metrics |= {"blessed": report.verdict.blessed, "reason": report.verdict.reason}
    if report.protocol is None:
        return metrics
    return metrics | {
        "split": report.protocol.split,
        "real_clips": report.protocol.real_clips,
        "generated_clips": report.protocol.generated_clips,
        "seed": report.protocol.seed,
    }


def _bless(
    blessing: types.Artifact,
    report: EvaluationReport,
    model: types.Artifact,
    baseline: types.Artifact | None,
) -> None:
    """Writes the properties and the file that Pusher reads."""
    properties: dict[str, int | float | str] = {
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY: model.uri,
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY: model.id,
        "reason": report.verdict.reason,
    }
    if baseline is not None:
        properties |= {
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_URI_KEY: baseline.uri,
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_ID_KEY: baseline.id,
        }
    name, value = (
        (constants.BLESSED_FILE_NAME, constants.BLESSED_VALUE)
        if report.verdict.blessed
        else (constants.NOT_BLESSED_FILE_NAME, constants.NOT_BLESSED_VALUE)
    )
    properties[constants.ARTIFACT_PROPERTY_BLESSED_KEY] = value
    set_custom_properties(blessing, properties)
    io_utils.write_string_file(os.path.join(blessing.uri, name), "")
