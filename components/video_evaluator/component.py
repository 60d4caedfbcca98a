"""VideoEvaluator: from model, examples and baseline to evaluation and blessing."""

from __future__ import annotations

from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.video_evaluator import executor
from mocogan.components.video_evaluator.config import EvaluatorConfig


class VideoEvaluatorSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of VideoEvaluator."""

    PARAMETERS: ClassVar = {
        executor.CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        executor.CACHE_FOLDER_KEY: component_spec.ExecutionParameter(type=str),
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
            type=standard_artifacts.Model, optional=True
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

    Outputs: `evaluation` (`evaluation.json`, `grid.gif`, `real_grid.gif`, `clips/clip-00.gif` and so on) and
    `blessing`, which Pusher and the baseline resolver read.
    """

    SPEC_CLASS = VideoEvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        config: EvaluatorConfig,
        cache_folder: str,
        baseline_model: types.BaseChannel | None = None,
    ) -> None:
        """Creates the component.

        Args:
            examples: Raw examples from VideoExampleGen.
            model: Candidate, from MoCoGanTrainer.
            config: Number of clips, seed and bounds.
            cache_folder: Folder that keeps features of clips for the next evaluations.
            baseline_model: Model to compare the candidate with. The channel may be empty.
        """
        super().__init__(
            spec=VideoEvaluatorSpec(
                examples=examples,
                model=model,
                baseline_model=baseline_model,
                config=config.model_dump_json(),
                cache_folder=cache_folder,
                code_fingerprint=code_fingerprint(executor.__name__),
                evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
                blessing=types.Channel(type=standard_artifacts.ModelBlessing),
            )
        )
