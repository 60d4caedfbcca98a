"""InfraValidator: from a model to the blessing that it can be served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts, standard_component_specs

from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.infra_validator import executor
from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.settings import checked_settings

# The executor starts this module by its file, so no import names it.
_MODEL_PROCESS = "mocogan.components.infra_validator.model_process"


class InfraValidatorSpec(types.ComponentSpec):
    """Inputs, outputs and parameters of InfraValidator."""

    PARAMETERS: ClassVar = {
        executor.CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        CODE_FINGERPRINT_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: ClassVar = {
        standard_component_specs.MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model
        ),
    }
    OUTPUTS: ClassVar = {
        standard_component_specs.BLESSING_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.InfraBlessing
        ),
    }


class InfraValidator(base_component.BaseComponent):
    """Loads a model in a new process with TensorFlow alone, and calls each signature once.

    Output: `blessing` (InfraBlessing), which Pusher reads. TFX's InfraValidator starts a model server in Docker or
    Kubernetes, and Kubeflow and Vertex do not run it. This one runs everywhere.
    """

    SPEC_CLASS = InfraValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self, model: types.BaseChannel, custom_config: Mapping[str, Any] | None = None
    ) -> None:
        """Creates the component. TFX's `serving_spec`, `validation_spec` and `request_spec` are missing.

        Args:
            model: Model to try, from MoCoGanTrainer.
            custom_config: Limits by name, such as `{"max_seconds": 60}`: all fields of
                `mocogan.components.infra_validator.config.InfraValidatorConfig`. Default: none, so that all limits have
                their defaults.

        Raises:
            ValueError: An option is not valid.
        """
        super().__init__(
            spec=InfraValidatorSpec(
                model=model,
                config=checked_settings(InfraValidatorConfig, custom_config).model_dump_json(),
                code_fingerprint=code_fingerprint(executor.__name__, _MODEL_PROCESS),
                blessing=types.Channel(type=standard_artifacts.InfraBlessing),
            )
        )
