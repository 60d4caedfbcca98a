"""Runs on Kubeflow Pipelines: started, and looked at until they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocogan.pipeline.engines import waiting
from mocogan.pipeline.engines.compiled_spec import CompiledSpec, parameter_values
from mocogan.pipeline.engines.kubeflow.connection import KubeflowConnection
from mocogan.pipeline.engines.kubeflow.requests import RunRequest, unused_name
from mocogan.pipeline.engines.patience import make_once, patiently
from mocogan.pipeline.engines.waiting import NodeProgress, RunProgress

_NEWEST = 50  # runs that are looked through for one whose answer was lost

# Of a run and of a task. A run of which nothing was to do is SKIPPED. A cached task is SKIPPED too.
_RUN_STATES = {
    "SUCCEEDED": waiting.DONE,
    "SKIPPED": waiting.DONE,
    "FAILED": waiting.FAILED,
    "CANCELED": waiting.CANCELED,
}
_NODE_STATES = {**_RUN_STATES, "SKIPPED": waiting.CACHED}


class KubeflowRuns:
    """Starts runs in one cluster.

    The methods that send something raise ServiceUnavailable if Kubeflow does not answer, and ServiceRefused if it
    refuses.
    """

    def __init__(self, connection: KubeflowConnection) -> None:
        self._connection = connection

    def connect(self) -> None:
        """Asks the cluster whether it is there. Raises KubeflowNotSetUp."""
        _ = self._connection.client

    def request(
        self, spec: CompiledSpec, name: str | None, parameters: Mapping[str, str]
    ) -> RunRequest:
        """The request that starts a run. Nothing is sent. Raises BadSpec."""
        values, account = (
            parameter_values(spec, parameters),
            self._connection.settings.service_account,
        )
        return RunRequest(spec, name or unused_name(spec.pipeline), values, account)

    def submit(self, request: RunRequest) -> str:
        """Starts a run, once, although requests may fail on the way. Returns its id."""
        client, timeout = self._connection.client, self._connection.timeout
        pipeline = request.spec.pipeline
        experiment = patiently(lambda: self._connection.experiment(pipeline), timeout)
        known = patiently(lambda: self._named(request.name, experiment), timeout)

        def start() -> str:
            with self._connection.errors():
                made = client.run_pipeline(experiment_id=experiment, **request.arguments())
            return str(made.run_id)

        def started() -> str | None:
            new = (run for run in self._named(request.name, experiment) if run not in known)
            return next(new, None)

        return make_once(start, started, timeout)

    def page_of(self, run: str) -> str:
        """Address of a run in the user interface."""
        return self._connection.page_of(run)

    def progress(self, request: RunRequest, run: str) -> RunProgress:
        """Where a run is. Kubeflow also lists drivers, which are left out.

        Args:
            request: The request that started it.
            run: Its id.
        """

        def look() -> Any:
            with self._connection.errors():
                return self._connection.client.get_run(run)

        found = patiently(look, self._connection.timeout)
        details = (found.run_details and found.run_details.task_details) or []
        return RunProgress(
            _RUN_STATES.get(found.state or "", waiting.RUNNING),
            tuple(_node(task) for task in details if task.display_name in request.spec.tasks),
            found.error.message if found.error else None,
        )

    def _named(self, name: str, experiment: str) -> list[str]:
        """Ids of the newest runs with a name."""
        with self._connection.errors():
            answer = self._connection.client.list_runs(
                page_size=_NEWEST, sort_by="created_at desc", experiment_id=experiment
            )
        return [str(run.run_id) for run in answer.runs or [] if run.display_name == name]


def _node(task: Any) -> NodeProgress:
    seconds = None
    if task.start_time and task.end_time:
        seconds = max((task.end_time - task.start_time).total_seconds(), 0.0)
    return NodeProgress(
        task.display_name,
        _NODE_STATES.get(task.state or "", waiting.RUNNING),
        seconds,
        task.error.message if task.error else None,
    )
