"""A server with the gRPC interface of Vertex AI for runs and schedules. It checks every request."""

from __future__ import annotations

import datetime
import itertools
import re
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.cloud import aiplatform_v1
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict, ParseDict
from kfp.pipeline_spec import pipeline_spec_pb2

from tests.support.certificates import certificate

PARENT = "projects/some-project/locations/europe-west4"

_PREFIX = "google.cloud.aiplatform.v1."
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_JOB_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_CRON = re.compile(r"(TZ|CRON_TZ)=\S+( \S+){5}")


class Refusal(Exception):
    """An answer with an error."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class VertexServer:
    """Runs and schedules of one project. Tests read and change the attributes."""

    def __init__(self) -> None:
        self.jobs: dict[str, Any] = {}  # by resource name
        self.schedules: dict[str, Any] = {}
        self.requests: list[tuple[str, Any]] = []  # names of methods with their messages
        self.tokens: set[str] = set()
        self.refuse: list[Refusal] = []  # the next answers, before any work is done
        self.lose_answers = 0  # the next calls that work, whose answers do not arrive
        self.delay = 0.0  # seconds before each answer
        self.story: list[Callable[[Any], None]] = []  # what happens to a job at each look
        self.slow_operations = 0
        self._ids = itertools.count(1000)

    def reset(self) -> None:
        """Forgets all, also methods that a test has replaced."""
        vars(self).clear()
        vars(self).update(vars(VertexServer()))

    def create_pipeline_job(self, request: Any) -> Any:
        check(request.parent == PARENT, f"unknown parent {request.parent}")
        check(_JOB_ID.fullmatch(request.pipeline_job_id), f"bad id {request.pipeline_job_id}")
        name = f"{PARENT}/pipelineJobs/{request.pipeline_job_id}"
        if name in self.jobs:
            raise Refusal(grpc.StatusCode.ALREADY_EXISTS, f"{name} exists")
        check_job(request.pipeline_job)
        job = aiplatform_v1.PipelineJob.pb()()
        job.CopyFrom(request.pipeline_job)
        job.name = name
        job.state = aiplatform_v1.PipelineState.PIPELINE_STATE_PENDING
        self.jobs[name] = job
        return job

    def get_pipeline_job(self, request: Any) -> Any:
        job = found(self.jobs, request.name)
        if self.story:
            self.story.pop(0)(job)
        return job

    def create_schedule(self, request: Any) -> Any:
        check(request.parent == PARENT, f"unknown parent {request.parent}")
        schedule = aiplatform_v1.Schedule.pb()()
        schedule.CopyFrom(request.schedule)
        check_schedule(schedule)
        schedule.name = f"{PARENT}/schedules/{next(self._ids)}"
        schedule.state = aiplatform_v1.Schedule.State.ACTIVE
        schedule.next_run_time.FromDatetime(datetime.datetime(2030, 1, 2, 2, 0))
        self.schedules[schedule.name] = schedule
        return schedule

    def list_schedules(self, request: Any) -> Any:
        check(request.parent == PARENT, f"unknown parent {request.parent}")
        names = sorted(self.schedules)
        first = int(request.page_token or 0)
        answer = aiplatform_v1.ListSchedulesResponse.pb()()
        answer.schedules.extend(self.schedules[name] for name in names[first : first + 2])
        answer.next_page_token = str(first + 2) if first + 2 < len(names) else ""
        return answer

    def pause_schedule(self, request: Any) -> Any:
        schedule = found(self.schedules, request.name)
        check(schedule.state == aiplatform_v1.Schedule.State.ACTIVE, "it is not active")
        schedule.state = aiplatform_v1.Schedule.State.PAUSED
        schedule.ClearField("next_run_time")
        return empty_pb2.Empty()

    def resume_schedule(self, request: Any) -> Any:
        check(not request.catch_up, "no catch-up is wanted")
        found(self.schedules, request.name).state = aiplatform_v1.Schedule.State.ACTIVE
        return empty_pb2.Empty()

    def update_schedule(self, request: Any) -> Any:
        schedule = found(self.schedules, request.schedule.name)
        check(request.update_mask.paths, "no update mask")
        request.update_mask.MergeMessage(request.schedule, schedule)
        check_schedule(schedule)
        return schedule

    def delete_schedule(self, request: Any) -> Any:
        found(self.schedules, request.name)
        del self.schedules[request.name]
        return self.operation()

    def operation(self) -> Any:
        """The operation that deletes a schedule. It takes `slow_operations` looks."""
        operation = operations_pb2.Operation(name=f"{PARENT}/operations/1")
        operation.done = self.slow_operations == 0
        if operation.done:
            operation.response.Pack(empty_pb2.Empty())
        return operation

    def get_operation(self, request: Any) -> Any:
        check(request.name == f"{PARENT}/operations/1", f"unknown operation {request.name}")
        self.slow_operations -= 1
        return self.operation()

    def called(self) -> list[str]:
        """Names of the methods that were called."""
        return [name for name, _ in self.requests]


METHODS: dict[str, tuple[str, Any]] = {
    "google.longrunning.Operations/GetOperation": (
        "get_operation",
        operations_pb2.GetOperationRequest,
    ),
    "PipelineService/CreatePipelineJob": (
        "create_pipeline_job",
        aiplatform_v1.CreatePipelineJobRequest,
    ),
    "PipelineService/GetPipelineJob": ("get_pipeline_job", aiplatform_v1.GetPipelineJobRequest),
    "ScheduleService/CreateSchedule": ("create_schedule", aiplatform_v1.CreateScheduleRequest),
    "ScheduleService/ListSchedules": ("list_schedules", aiplatform_v1.ListSchedulesRequest),
    "ScheduleService/PauseSchedule": ("pause_schedule", aiplatform_v1.PauseScheduleRequest),
    "ScheduleService/ResumeSchedule": ("resume_schedule", aiplatform_v1.ResumeScheduleRequest),
    "ScheduleService/UpdateSchedule": ("update_schedule", aiplatform_v1.UpdateScheduleRequest),
    "ScheduleService/DeleteSchedule": ("delete_schedule", aiplatform_v1.DeleteScheduleRequest),
}


def check(condition: object, message: str) -> None:
    """Refuses a request that is not valid."""
    if not condition:
        raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, message)


def found(things: dict[str, Any], name: str) -> Any:
    """The thing with a name, or the error of the service."""
    if name not in things:
        raise Refusal(grpc.StatusCode.NOT_FOUND, f"{name} is not there")
    return things[name]


def check_job(job: Any) -> None:
    """Checks a run: its pipeline against the message of pipelines, its parameters, root, labels and network."""
    spec = MessageToDict(job.pipeline_spec)
    pipeline = ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
    check(pipeline.schema_version == "2.1.0", "unknown schema version")
    check(job.runtime_config.gcs_output_directory.startswith("gs://"), "no pipeline root")
    declared = set(pipeline.root.input_definitions.parameters)
    check(set(job.runtime_config.parameter_values) <= declared, "unknown parameter")
    for key, value in job.labels.items():
        check(_LABEL.fullmatch(key) and _LABEL.fullmatch(value), f"bad label {key}={value}")
    check(re.fullmatch(r"(projects/\w+/global/networks/\w+)?", job.network), "bad network")


def check_schedule(schedule: Any) -> None:
    """Checks a schedule: its times, its limits, and the run that it starts."""
    check(0 < len(schedule.display_name) <= 128, "no name")
    check(_CRON.fullmatch(schedule.cron), f"bad cron {schedule.cron}")
    check(schedule.max_concurrent_run_count >= 1, "max_concurrent_run_count is required")
    check(schedule.create_pipeline_job_request.parent == PARENT, "unknown parent in the request")
    check_job(schedule.create_pipeline_job_request.pipeline_job)


def _handler(server: VertexServer, method: str, message: Any) -> grpc.RpcMethodHandler:
    def answer(data: bytes, context: grpc.ServicerContext) -> Any:
        metadata = dict(context.invocation_metadata())
        try:
            token = metadata.get("authorization", "")
            if not token.startswith("Bearer "):
                raise Refusal(grpc.StatusCode.UNAUTHENTICATED, "no token")
            server.tokens.add(token)
            check("x-goog-request-params" in metadata, "no routing header")
            time.sleep(server.delay)
            if not context.is_active():  # maybe the server has been reset for the next test
                raise Refusal(grpc.StatusCode.CANCELLED, "the client has left")
            plain = message.pb() if hasattr(message, "pb") else message
            request = plain.FromString(data)
            # A field that the published message lacks does not come back from its JSON.
            again = ParseDict(MessageToDict(request), plain())
            check(again == request, f"unknown fields in {method}")
            server.requests.append((method, request))
            if server.refuse:
                raise server.refuse.pop(0)
            result = getattr(server, method)(request)
            if server.lose_answers:
                server.lose_answers -= 1
                raise Refusal(grpc.StatusCode.UNAVAILABLE, "connection reset")
            return result
        except Refusal as refusal:
            context.abort(refusal.code, refusal.message)

    return grpc.unary_unary_rpc_method_handler(
        answer, response_serializer=lambda result: result.SerializeToString()
    )


@contextmanager
def vertex_server(folder: Path) -> Iterator[tuple[VertexServer, str]]:
    """Starts a server with TLS. Gives it with its address. `folder` gets `roots.pem`, which clients must trust."""
    state = VertexServer()
    handlers: dict[str, dict[str, grpc.RpcMethodHandler]] = {}
    for path, (method, message) in METHODS.items():
        service, _, name = path.partition("/")
        handlers.setdefault(service, {})[name] = _handler(state, method, message)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(
        tuple(
            grpc.method_handlers_generic_handler(
                service if "." in service else f"{_PREFIX}{service}", methods
            )
            for service, methods in handlers.items()
        )
    )
    key, chain = certificate()
    (folder / "roots.pem").write_bytes(chain)
    port = server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    try:
        yield state, f"localhost:{port}"
    finally:
        server.stop(0)
