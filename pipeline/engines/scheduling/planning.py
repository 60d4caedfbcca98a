"""A schedule that is to be made: the engine, the configuration and the compiled pipeline together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.compiled_input import compiled_spec, service_config
from mocogan.pipeline.engines.compiled_spec import BadSpec, CompiledSpec
from mocogan.pipeline.engines.opening import open_schedules
from mocogan.pipeline.engines.scheduling.cron import Cron
from mocogan.pipeline.engines.scheduling.schedule import LOCAL, Schedules, WantedSchedule


class Plan(NamedTuple):
    """What a schedule will run, and where."""

    schedules: Schedules
    config: Config
    spec: CompiledSpec | None  # None on this machine

    def request(
        self, name: str | None, cron: Cron, zone: str, parameters: Mapping[str, str]
    ) -> Any:
        """The request that makes the schedule. Nothing is sent.

        Args:
            name: Name of the schedule. None: that of the pipeline.
            cron: The times.
            zone: Their time zone.
            parameters: Runtime parameters, as texts.

        Raises:
            BadSpec: the pipeline has no such parameter.
        """
        if self.spec is None and parameters:
            raise BadSpec("--parameter is for Vertex AI and Kubeflow. Use --set for this machine")
        pipeline = self.spec.pipeline if self.spec else self.config.pipeline_name
        return self.schedules.request(
            WantedSchedule(name or pipeline, cron, zone, self.config, self.spec, parameters)
        )


@contextmanager
def planned(
    engine: str,
    options: Mapping[str, Any],
    spec: str | None,
    timeout: float,
    via: str | None,
    connect: bool = True,
) -> Iterator[Plan]:
    """Compiles what a schedule will run. The compiled pipeline exists as long as the context.

    Args:
        engine: VERTEX, KUBEFLOW or LOCAL.
        options: Arguments of `load_config`.
        spec: File with a compiled pipeline. None: the configuration is compiled.
        timeout: Seconds to wait for an answer, and to try again.
        via: What starts runs on this machine. None: what it has.
        connect: Whether to check first that the engine can be reached.

    Raises:
        BadSpec: the file cannot be used.
        ConfigError: the configuration cannot run on this engine.
    """
    if engine == LOCAL and spec:
        raise BadSpec("--spec is for Vertex AI and Kubeflow. This machine runs the configuration")
    config = service_config(options) if spec else load_config(**options)
    schedules = open_schedules(engine, config, timeout, via)
    if engine == LOCAL:
        if connect:
            schedules.connect()
        yield Plan(schedules, config, None)
        return
    with compiled_spec(config, engine, spec, schedules.connect if connect else None) as compiled:
        yield Plan(schedules, config, compiled)
