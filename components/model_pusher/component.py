"""The contract of Pusher: TFX's contract, the number of versions to keep, and a hash of the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfx import types
from tfx.components.pusher import component as pusher
from tfx.dsl.components.base import base_component, executor_spec
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from mocogan.components.artifact_types import ModelReport
from mocogan.components.code_fingerprint import CODE_FINGERPRINT_KEY, code_fingerprint
from mocogan.components.model_pusher import driver, executor
from mocogan.components.model_pusher.config import PusherConfig
from mocogan.components.settings import checked_settings


class PusherSpec(standard_component_specs.PusherSpec):
    """TFX's contract, the report, the number of versions to keep, and a hash of the code for the cache key."""

    INPUTS = standard_component_specs.PusherSpec.INPUTS | {
        executor.REPORT_KEY: ChannelParameter(type=ModelReport, optional=True),
    }
    PARAMETERS = standard_component_specs.PusherSpec.PARAMETERS | {
        executor.KEEP_VERSIONS_KEY: ExecutionParameter(type=int, optional=True),
        CODE_FINGERPRINT_KEY: ExecutionParameter(type=str),
    }


class Pusher(pusher.Pusher):
    """Pushes a blessed model as the newest version in a folder that a server reads.

    Output: `pushed_model` (PushedModel): the record of the push, with `manifest.json`. The model itself is in the
    destination only.
    """

    SPEC_CLASS = PusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
    DRIVER_CLASS = driver.PusherDriver

    def __init__(
        self,
        model: types.BaseChannel,
        model_blessing: types.BaseChannel | None = None,
        infra_blessing: types.BaseChannel | None = None,
        report: types.BaseChannel | None = None,
        push_destination: pusher_pb2.PushDestination | None = None,
        custom_config: Mapping[str, Any] | None = None,
    ) -> None:
        """Creates the component. The arguments are those of TFX's Pusher, and `report`.

        Args:
            model: Model to push, from MoCoGanTrainer.
            model_blessing: Blessing of VideoEvaluator. Without a blessing in it, nothing is pushed. Default: none.
            infra_blessing: Blessing of InfraValidator. Without a blessing in it, nothing is pushed. Default: none.
            report: Report of ReportGen, whose model card is pushed with the model. Default: none.
            push_destination: Its `filesystem.base_directory` is the folder of the versions, local or an address.
            custom_config: Options of the push by name, such as `{"keep_versions": 5}`: all fields of
                `mocogan.components.model_pusher.config.PusherConfig`. Default: none, so that all options have their
                defaults.

        Raises:
            ValueError: An argument is not valid.
        """
        if not (push_destination and push_destination.filesystem.base_directory):
            raise ValueError(
                "push_destination must name a folder, such as "
                "PushDestination(filesystem=PushDestination.Filesystem(base_directory='serving'))"
            )
        spec = PusherSpec(
            model=model,
            model_blessing=model_blessing,
            infra_blessing=infra_blessing,
            report=report,
            push_destination=push_destination,
            keep_versions=checked_settings(PusherConfig, custom_config).keep_versions,
            code_fingerprint=code_fingerprint(executor.__name__),
            pushed_model=types.Channel(type=standard_artifacts.PushedModel),
        )
        # TFX's constructor would create its own spec, without the additional parameters.
        base_component.BaseComponent.__init__(self, spec=spec)
