"""Schedules on Vertex AI."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mocogan.pipeline.engines.compiled_spec import images_in, parameter_values
from mocogan.pipeline.engines.engine_names import VERTEX
from mocogan.pipeline.engines.patience import NotThere, make_once, patiently
from mocogan.pipeline.engines.scheduling.cron import Cron
from mocogan.pipeline.engines.scheduling.schedule import (
    ACTIVE,
    BROKEN,
    ENDED,
    PAUSED,
    Schedule,
    WantedSchedule,
    check_is_new,
    check_is_of,
    find_schedule,
)
from mocogan.pipeline.engines.vertex.connection import VertexConnection
from mocogan.pipeline.engines.vertex.requests import message_json, schedule_request
from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from google.cloud.aiplatform_v1.types import Schedule as ScheduleMessage

_STATES = {"ACTIVE": ACTIVE, "PAUSED": PAUSED, "COMPLETED": ENDED}
_ZONE_PREFIXES = ("TZ=", "CRON_TZ=")


class VertexSchedules:
    """The schedules of pipelines in one project and region.

    All methods raise ServiceUnavailable if Vertex AI does not answer, and ServiceRefused if it refuses.
    """

    def __init__(self, connection: VertexConnection) -> None:
        self._connection = connection
        self.default_zone = "UTC"

    def connect(self) -> None:
        """Finds the credentials. Raises VertexNotSetUp."""
        _ = self._connection.schedules

    def check_zone(self, zone: str) -> None:
        """Vertex AI takes every time zone."""

    def request(self, wanted: WantedSchedule) -> ScheduleMessage:
        """The schedule as it is sent. Raises BadRequest and BadSpec."""
        assert wanted.spec is not None
        return schedule_request(
            self._connection,
            wanted.spec,
            wanted.name,
            wanted.cron,
            wanted.zone,
            parameter_values(wanted.spec, wanted.parameters),
        )

    def request_text(self, request: ScheduleMessage) -> str:
        """A request for the eye, as JSON."""
        content = {"parent": self._connection.parent, "schedule": message_json(request)}
        return json.dumps(content, indent=2)

    def all(self) -> list[Schedule]:
        """All schedules, those of other pipelines too."""
        return [_schedule(message) for message in self._messages()]

    def find(self, name: str) -> Schedule:
        """The schedule with a name or an id. Raises NoSuchSchedule."""
        return find_schedule(self.all(), name, VERTEX)

    def create(self, request: ScheduleMessage) -> Schedule:
        """Makes a schedule, once, although requests may fail on the way. Raises ScheduleExists."""
        check_is_new(self.all(), request.display_name)
        return self._make(request, known=())

    def pause(self, schedule: Schedule) -> None:
        """No run starts until the schedule is resumed. A run that is running continues."""
        self._send(self._connection.schedules.pause_schedule, name=schedule.id)

    def resume(self, schedule: Schedule) -> Schedule:
        """Runs start again. Times that passed meanwhile are left out."""
        request = {"name": schedule.id, "catch_up": False}
        self._send(self._connection.schedules.resume_schedule, request=request)
        return schedule._replace(state=ACTIVE)

    def delete(self, schedule: Schedule) -> None:
        """Deletes the schedule. Its runs stay."""
        with suppress(NotThere):  # an answer was lost, or somebody else was faster
            operation = self._send(self._connection.schedules.delete_schedule, name=schedule.id)
            with self._connection.errors():
                operation.result(timeout=self._connection.timeout)

    def change_times(self, schedule: Schedule, cron: Cron, zone: str) -> Schedule:
        """Changes the times of a schedule, and nothing else."""
        from google.cloud.aiplatform_v1.types import Schedule as ScheduleMessage
        from google.protobuf.field_mask_pb2 import FieldMask

        changed = self._send(
            self._connection.schedules.update_schedule,
            schedule=ScheduleMessage(name=schedule.id, cron=cron.for_vertex(zone)),
            update_mask=FieldMask(paths=["cron"]),
        )
        return _schedule(changed)

    def replace(self, schedule: Schedule, request: ScheduleMessage) -> Schedule:
        """Puts a schedule with new content in place of another. A paused one stays paused.

        The old one is paused first, so that no time starts two runs. It is deleted last, so that there is always one.
        """
        check_is_of(schedule, _pipeline(request))
        if schedule.state == ACTIVE:
            self.pause(schedule)
        try:
            made = self._make(request, known=(schedule.id,))
        except ExpectedError:
            if schedule.state == ACTIVE:
                self.resume(schedule)
            raise
        if schedule.state == PAUSED:
            self.pause(made)
            made = made._replace(state=PAUSED, next_run=None)
        self.delete(schedule)
        return made

    def is_changed(self, schedule: Schedule, request: ScheduleMessage) -> bool:
        """Whether the content that a request asks for differs from that of the schedule."""
        (message,) = (found for found in self._messages() if found.name == schedule.id)
        old, new = (
            message_json(version.create_pipeline_job_request.pipeline_job)
            for version in (message, request)
        )
        return any(old.get(key) != value for key, value in new.items())

    def _make(self, request: ScheduleMessage, known: tuple[str, ...]) -> Schedule:
        parent = self._connection.parent

        def make() -> Schedule:
            with self._connection.errors():
                return _schedule(
                    self._connection.schedules.create_schedule(
                        parent=parent, schedule=request, timeout=self._connection.timeout
                    )
                )

        def made() -> Schedule | None:
            named = (s for s in self.all() if s.name == request.display_name)
            return next((found for found in named if found.id not in known), None)

        return make_once(make, made, self._connection.timeout)

    def _messages(self) -> list[ScheduleMessage]:
        def look() -> list[ScheduleMessage]:
            with self._connection.errors():
                pages = self._connection.schedules.list_schedules(
                    parent=self._connection.parent, timeout=self._connection.timeout
                )
                return [page for page in pages if "create_pipeline_job_request" in page]

        return patiently(look, self._connection.timeout)

    def _send(self, method: Callable[..., Any], **arguments: Any) -> Any:
        def send() -> Any:
            with self._connection.errors():
                return method(**arguments, timeout=self._connection.timeout)

        return patiently(send, self._connection.timeout)


def _schedule(message: ScheduleMessage) -> Schedule:
    zone, cron = "UTC", str(message.cron)
    for prefix in _ZONE_PREFIXES:
        if cron.startswith(prefix):
            zone, _, cron = cron.removeprefix(prefix).partition(" ")
    job = message.create_pipeline_job_request.pipeline_job
    return Schedule(
        name=message.display_name,
        id=message.name,
        state=_STATES.get(message.state.name, BROKEN),
        cron=cron,
        time_zone=zone,
        pipeline=_pipeline(message),
        next_run=message.next_run_time.timestamp() if message.next_run_time else None,
        details={
            "image": ", ".join(images_in(_spec(message).get("deploymentSpec", {}))),
            "root": job.runtime_config.gcs_output_directory,
            "parameters": message_json(job).get("runtimeConfig", {}).get("parameterValues", {}),
            "labels": dict(job.labels),
            "service_account": job.service_account,
            "network": job.network,
            "runs_started": int(message.started_run_count),
            "last_answer": message.last_scheduled_run_response.run_response,
        },
    )


def _pipeline(message: ScheduleMessage) -> str:
    return str(_spec(message).get("pipelineInfo", {}).get("name", ""))


def _spec(message: ScheduleMessage) -> dict[str, Any]:
    job = message_json(message.create_pipeline_job_request.pipeline_job)
    spec: dict[str, Any] = job.get("pipelineSpec", {})
    return spec
