"""Runs on Vertex AI: started, and looked at until they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mocogan.pipeline.engines import waiting
from mocogan.pipeline.engines.compiled_spec import CompiledSpec, parameter_values
from mocogan.pipeline.engines.patience import NotThere, make_once, patiently
from mocogan.pipeline.engines.vertex.connection import VertexConnection
from mocogan.pipeline.engines.vertex.requests import RunRequest, run_request
from mocogan.pipeline.engines.waiting import NodeProgress, RunProgress

if TYPE_CHECKING:
    from google.cloud.aiplatform_v1.types import PipelineTaskDetail

# By the names of PipelineState and PipelineTaskDetail.State. A paused run does not go on by itself.
_RUN_STATES = {
    "PIPELINE_STATE_SUCCEEDED": waiting.DONE,
    "PIPELINE_STATE_FAILED": waiting.FAILED,
    "PIPELINE_STATE_CANCELLED": waiting.CANCELED,
    "PIPELINE_STATE_PAUSED": waiting.CANCELED,
}
_NODE_STATES = {
    "SUCCEEDED": waiting.DONE,
    "SKIPPED": waiting.CACHED,
    "FAILED": waiting.FAILED,
    "CANCELLED": waiting.CANCELED,
    "NOT_TRIGGERED": waiting.CANCELED,
}


class VertexRuns:
    """Starts runs in one project and region.

    The methods that send something raise ServiceUnavailable if Vertex AI does not answer or a quota of requests is used
    up, and ServiceRefused if it refuses.
    """

    def __init__(self, connection: VertexConnection) -> None:
        self._connection = connection

    def connect(self) -> None:
        """Finds the credentials. Raises VertexNotSetUp."""
        _ = self._connection.pipelines

    def request(
        self, spec: CompiledSpec, name: str | None, parameters: Mapping[str, str]
    ) -> RunRequest:
        """The request that starts a run. Nothing is sent. Raises BadSpec and BadRequest."""
        return run_request(self._connection, spec, name, parameter_values(spec, parameters))

    def submit(self, request: RunRequest) -> str:
        """Starts a run, once, although requests may fail on the way. Returns its resource name."""
        client, timeout = self._connection.pipelines, self._connection.timeout
        name = f"{request.parent}/pipelineJobs/{request.pipeline_job_id}"

        def start() -> str:
            with self._connection.errors():
                made = client.create_pipeline_job(
                    parent=request.parent,
                    pipeline_job=request.pipeline_job,
                    pipeline_job_id=request.pipeline_job_id,
                    timeout=timeout,
                )
            return str(made.name)

        def started() -> str | None:
            try:
                with self._connection.errors():
                    return str(client.get_pipeline_job(name=name, timeout=timeout).name)
            except NotThere:
                return None

        return make_once(start, started, timeout)

    def page_of(self, run: str) -> str:
        """Address of a run in the console of Google Cloud."""
        return (
            f"https://console.cloud.google.com/vertex-ai/locations/{self._connection.region}/pipelines/runs/"
            f"{run.rpartition('/')[2]}?project={self._connection.project}"
        )

    def progress(self, request: RunRequest, run: str) -> RunProgress:
        """Where a run is.

        Args:
            request: The request that started it.
            run: Its resource name.
        """

        def look() -> Any:
            with self._connection.errors():
                return self._connection.pipelines.get_pipeline_job(
                    name=run, timeout=self._connection.timeout
                )

        job = patiently(look, self._connection.timeout)
        tasks = request.pipeline_job.pipeline_spec["root"]["dag"]["tasks"]
        return RunProgress(
            _RUN_STATES.get(job.state.name, waiting.RUNNING),
            tuple(_node(task) for task in job.job_detail.task_details if task.task_name in tasks),
            job.error.message or None,
        )


def _node(task: PipelineTaskDetail) -> NodeProgress:
    seconds = None
    if task.start_time and task.end_time:
        seconds = (task.end_time - task.start_time).total_seconds()
    return NodeProgress(
        task.task_name,
        _NODE_STATES.get(task.state.name, waiting.RUNNING),
        seconds,
        task.error.message or None,
    )
