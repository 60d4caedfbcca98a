"""BaselineFinder: from the candidate and the pushed versions to the model to compare it with."""

from __future__ import annotations

from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.artifact_types import BaselineModel
from mocogan.components.baseline import driver, executor
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint


class BaselineFinderSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of BaselineFinder."""

    PARAMETERS: ClassVar = {
        executor.SERVING_MODEL_DIR_KEY: component_spec.ExecutionParameter(type=str),
        executor.BASELINE_KEY: component_spec.ExecutionParameter(type=str, optional=True),
        CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        executor.CANDIDATE_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model)
    }
    OUTPUTS: ClassVar = {
        standard_component_specs.BASELINE_MODEL_KEY: component_spec.ChannelParameter(
            type=BaselineModel
        )
    }


class BaselineFinder(base_component.BaseComponent):
    """Finds the newest pushed model of this pipeline that is not the candidate.

    Output: `baseline_model` (BaselineModel), a copy of the pushed version, or an empty folder if there is none.
    Consumers ask `mocogan.components.baseline.found.found_baseline`. TFX's resolvers are not used: Kubeflow does not
    run them, and on Vertex they take models of other pipelines.
    """

    SPEC_CLASS = BaselineFinderSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
    DRIVER_CLASS = driver.BaselineDriver

    def __init__(self, candidate: types.BaseChannel, serving_model_dir: str) -> None:
        """Creates the component.

        Args:
            candidate: Model of this run, from MoCoGanTrainer. It is never the baseline.
            serving_model_dir: Folder into which Pusher pushes, local or an address. It may be missing.

        Raises:
            ValueError: An argument is not valid.
        """
        if not (isinstance(serving_model_dir, str) and serving_model_dir):
            raise ValueError(
                f"serving_model_dir={serving_model_dir!r} must be the folder of the pushed versions"
            )
        super().__init__(
            spec=BaselineFinderSpec(
                candidate=candidate,
                serving_model_dir=serving_model_dir,
                code_fingerprint=code_fingerprint(executor.__name__),
                baseline_model=types.Channel(type=BaselineModel),
            )
        )
