"""The requests for Vertex AI, built by aiplatform's PipelineJob and PipelineJobSchedule."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mocogan.pipeline.engines.compiled_spec import CompiledSpec
from mocogan.pipeline.engines.scheduling.cron import Cron
from mocogan.pipeline.engines.vertex.connection import VertexConnection
from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from google.cloud.aiplatform import PipelineJob
    from google.cloud.aiplatform_v1.types import PipelineJob as PipelineJobMessage
    from google.cloud.aiplatform_v1.types import Schedule as ScheduleMessage

_LABEL_KEY, _LABEL_VALUE = re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}")
_LONGEST_NAME = 128  # characters, of a run and of a schedule


class BadRequest(ExpectedError):
    """A name or a label that Vertex AI does not take."""


class RunRequest(NamedTuple):
    """The request that starts a run."""

    parent: str
    pipeline_job: PipelineJobMessage
    pipeline_job_id: str

    @property
    def name(self) -> str:
        """Name of the run."""
        return str(self.pipeline_job.display_name)

    def as_json(self) -> dict[str, Any]:
        """The request in the form of the REST interface."""
        return {
            "parent": self.parent,
            "pipelineJob": message_json(self.pipeline_job),
            "pipelineJobId": self.pipeline_job_id,
        }


def run_request(
    connection: VertexConnection,
    spec: CompiledSpec,
    name: str | None,
    parameters: Mapping[str, Any],
) -> RunRequest:
    """The request that starts a run now.

    Args:
        connection: The project, and the account and network of the runs. Nothing is sent.
        spec: The compiled pipeline.
        name: Name of the run. None: the id of the run.
        parameters: Values of runtime parameters.

    Raises:
        BadRequest: the name or a label is not valid.
    """
    job_id = _job_id(spec.pipeline)
    job = _pipeline_job(connection, spec, name or job_id, job_id, parameters)
    message = job._gca_resource  # the public name is for runs that exist
    settings = connection.settings
    message.service_account = settings.service_account or ""
    message.network = settings.network or ""
    return RunRequest(connection.parent, message, job_id)


def schedule_request(
    connection: VertexConnection,
    spec: CompiledSpec,
    name: str,
    cron: Cron,
    zone: str,
    parameters: Mapping[str, Any],
) -> ScheduleMessage:
    """The schedule as it is sent: one run at a time, and no run for a time that was missed.

    Args:
        connection: The project, and the account and network of the runs. Nothing is sent.
        spec: The compiled pipeline.
        name: Name of the schedule.
        cron: The times.
        zone: Their time zone.
        parameters: Values of runtime parameters.

    Raises:
        BadRequest: the name or a label is not valid.
    """
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.aiplatform import PipelineJobSchedule

    _check_name(name)
    job = _pipeline_job(connection, spec, name, _job_id(spec.pipeline), parameters)
    message: ScheduleMessage = PipelineJobSchedule(
        job, name, AnonymousCredentials(), connection.project, connection.region
    )._gca_resource
    message.cron = cron.for_vertex(zone)
    message.max_concurrent_run_count = 1  # of the requests that start runs
    message.max_concurrent_active_run_count = 1  # of the runs themselves
    message.allow_queueing = False
    scheduled = message.create_pipeline_job_request.pipeline_job
    scheduled.service_account = connection.settings.service_account or ""
    scheduled.network = connection.settings.network or ""
    return message


def message_json(message: Any) -> dict[str, Any]:
    """A message of aiplatform in the form of the REST interface."""
    from google.protobuf.json_format import MessageToDict

    content: dict[str, Any] = MessageToDict(type(message).pb(message))
    return content


def _pipeline_job(
    connection: VertexConnection,
    spec: CompiledSpec,
    name: str,
    job_id: str,
    parameters: Mapping[str, Any],
) -> PipelineJob:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.aiplatform import PipelineJob

    _check_name(name)
    _check_labels(spec.labels)
    connection.check_region()
    return PipelineJob(
        display_name=name,
        template_path=str(spec.path),
        job_id=job_id,
        parameter_values=dict(parameters),
        labels=dict(spec.labels) or None,
        credentials=AnonymousCredentials(),  # it only builds the request
        project=connection.project,
        location=connection.region,
    )


def _job_id(pipeline: str) -> str:
    """An id that no other run has, so that a request can be sent twice."""
    start = pipeline if pipeline[0].isalpha() else f"run-{pipeline}"
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{start[:100]}-{now:%Y%m%d%H%M%S}-{secrets.token_hex(2)}"


def _check_name(name: str) -> None:
    if len(name) > _LONGEST_NAME:
        raise BadRequest(f"the name has {len(name)} characters. Vertex AI takes {_LONGEST_NAME}")


def _check_labels(labels: Mapping[str, str]) -> None:
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise BadRequest(
                f"label {key}={value} is not valid: use lowercase letters, digits, - and _, "
                "at most 63 of them, and begin the key with a letter"
            )
