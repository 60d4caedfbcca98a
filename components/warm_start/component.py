"""WarmStartFinder: from the data of a training and the pushed versions to the model to start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import WarmStartModel
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.settings import checked_settings
from mocogan.components.warm_start import driver, executor
from mocogan.trainer.config import TrainerConfig


class WarmStartFinderSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of WarmStartFinder."""

    PARAMETERS: ClassVar = {
        executor.WARM_START_KEY: component_spec.ExecutionParameter(type=str),
        executor.TRAINING_OPTIONS_KEY: component_spec.ExecutionParameter(type=str),
        executor.CHECKPOINT_ROOT_KEY: component_spec.ExecutionParameter(type=str),
        executor.SERVING_MODEL_DIR_KEY: component_spec.ExecutionParameter(type=str),
        executor.START_KEY: component_spec.ExecutionParameter(type=str, optional=True),
        CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        executor.EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        executor.TRANSFORM_GRAPH_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TransformGraph
        ),
    }
    OUTPUTS: ClassVar = {
        standard_component_specs.BASE_MODEL_KEY: component_spec.ChannelParameter(
            type=WarmStartModel
        )
    }


class WarmStartFinder(base_component.BaseComponent):
    """Finds the model whose weights a training starts from.

    Output: `base_model` (WarmStartModel), a copy of the model, or an empty folder if there is none. A training with the
    same options and data that has begun keeps its start. `mocogan.components.warm_start.chosen_start` has the rule.
    """

    SPEC_CLASS = WarmStartFinderSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
    DRIVER_CLASS = driver.WarmStartDriver

    def __init__(
        self,
        examples: types.BaseChannel,
        transform_graph: types.BaseChannel,
        checkpoint_root: str,
        serving_model_dir: str,
        custom_config: Mapping[str, Any] | None = None,
    ) -> None:
        """Creates the component. The first three arguments and the last one are those of MoCoGanTrainer.

        Args:
            examples: Raw examples from VideoExampleGen. The training reads their split 'train'.
            transform_graph: TransformGraph of the training.
            checkpoint_root: Folder with the checkpoints of all trainings, local or an address. It may be missing.
            serving_model_dir: Folder into which Pusher pushes, local or an address. It may be missing.
            custom_config: Options of the trainer by section and name. Its `run.warm_start` is `latest`, `none` or the
                folder of a SavedModel. Default: none, so that all options have their defaults.

        Raises:
            ValueError: An argument is not valid.
        """
        for name, folder in (
            ("checkpoint_root", checkpoint_root),
            ("serving_model_dir", serving_model_dir),
        ):
            if not (isinstance(folder, str) and folder):
                raise ValueError(f"{name}={folder!r} must be a folder, as a string")
        config = checked_settings(TrainerConfig, custom_config)
        super().__init__(
            spec=WarmStartFinderSpec(
                examples_to_train_on=examples,
                transform_to_train_with=transform_graph,
                warm_start=config.run.warm_start,
                training_options=config.training_options(),
                checkpoint_root=checkpoint_root,
                serving_model_dir=serving_model_dir,
                code_fingerprint=code_fingerprint(executor.__name__),
                base_model=types.Channel(type=WarmStartModel),
            )
        )
