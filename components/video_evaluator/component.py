"""VideoEvaluator: from model, examples and baseline to evaluation and blessing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import BaselineModel
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.kept_folder import check_folder
from mocogan.components.settings import checked_settings
from mocogan.components.video_evaluator import executor
from mocogan.components.video_evaluator.config import EvaluatorConfig


class VideoEvaluatorSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of VideoEvaluator."""

    PARAMETERS: ClassVar = {
        executor.CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        executor.CACHE_FOLDER_KEY: component_spec.ExecutionParameter(type=str, optional=True),
        CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        standard_component_specs.EXAMPLES_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Examples
        ),
        standard_component_specs.MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model
        ),
        standard_component_specs.BASELINE_MODEL_KEY: component_spec.ChannelParameter(
            type=BaselineModel, optional=True
        ),
    }
    OUTPUTS: ClassVar = {
        standard_component_specs.EVALUATION_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ModelEvaluation
        ),
        standard_component_specs.BLESSING_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ModelBlessing
        ),
    }


class VideoEvaluator(base_component.BaseComponent):
    """Samples the exported SavedModel through its signature and measures the clips.

    Outputs: `evaluation` (`evaluation.json`, and galleries such as `galleries/generated.gif`) and `blessing`, which
    Pusher reads.
    """

    SPEC_CLASS = VideoEvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        baseline_model: types.BaseChannel | None = None,
        custom_config: Mapping[str, Any] | None = None,
        cache_folder: str | None = None,
    ) -> None:
        """Creates the component.

        The channels are those of TFX's Evaluator. TFX's `eval_config` and `example_splits` are missing: the metrics
        are options, and the real clips are those of the split 'eval', compared with those of 'train'.

        Args:
            examples: Raw examples from VideoExampleGen, with the splits 'train' and 'eval'.
            model: Candidate, from MoCoGanTrainer.
            baseline_model: Model to compare the candidate with, from BaselineFinder, or any Model. Default: none.
            custom_config: Options of the evaluation by name, such as `{"num_clips": 512}`: all fields of
                `mocogan.components.video_evaluator.config.EvaluatorConfig`. Default: none, so that all options have
                their defaults.
            cache_folder: Folder that keeps features of clips for the next evaluations. Default: `kept_features` in
                the node's folder below the pipeline root.

        Raises:
            ValueError: An argument is not valid.
        """
        check_folder("cache_folder", cache_folder)
        super().__init__(
            spec=VideoEvaluatorSpec(
                examples=examples,
                model=model,
                baseline_model=baseline_model,
                config=checked_settings(EvaluatorConfig, custom_config).model_dump_json(),
                cache_folder=cache_folder,
                code_fingerprint=code_fingerprint(executor.__name__),
                evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
                blessing=types.Channel(type=standard_artifacts.ModelBlessing),
            )
        )
