"""Chooses the runs or the schedules of an engine by its name."""

from __future__ import annotations

from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.engine_names import VERTEX
from mocogan.pipeline.engines.scheduling.schedule import LOCAL, Schedules
from mocogan.pipeline.engines.submission import Runs


def open_runs(engine: str, config: Config, timeout: float) -> Runs:
    """The runs of a service.

    Args:
        engine: VERTEX or KUBEFLOW.
        config: Its options `service.vertex` and `service.kubeflow` say where the service is.
        timeout: Seconds to wait for an answer, and to try again.

    Raises:
        VertexNotSetUp: the region is missing.
    """
    if engine == VERTEX:
        from mocogan.pipeline.engines.vertex.connection import VertexConnection
        from mocogan.pipeline.engines.vertex.runs import VertexRuns

        return VertexRuns(VertexConnection(config.service.vertex, timeout))
    from mocogan.pipeline.engines.kubeflow.connection import KubeflowConnection
    from mocogan.pipeline.engines.kubeflow.runs import KubeflowRuns

    return KubeflowRuns(KubeflowConnection(config.service.kubeflow, timeout))


def open_schedules(
    engine: str, config: Config, timeout: float, via: str | None = None
) -> Schedules:
    """The schedules of an engine.

    Args:
        engine: VERTEX, KUBEFLOW or LOCAL.
        config: Its options `service.vertex` and `service.kubeflow` say where the service is.
        timeout: Seconds to wait for an answer, and to try again.
        via: What starts new schedules of this machine. None: what it has.

    Raises:
        VertexNotSetUp: the region is missing.
    """
    if engine == LOCAL:
        from mocogan.pipeline.engines.local.schedules import LocalSchedules

        return LocalSchedules(via)
    if engine == VERTEX:
        from mocogan.pipeline.engines.vertex.connection import VertexConnection
        from mocogan.pipeline.engines.vertex.schedules import VertexSchedules

        return VertexSchedules(VertexConnection(config.service.vertex, timeout))
    from mocogan.pipeline.engines.kubeflow.connection import KubeflowConnection
    from mocogan.pipeline.engines.kubeflow.schedules import KubeflowSchedules

    return KubeflowSchedules(KubeflowConnection(config.service.kubeflow, timeout))
