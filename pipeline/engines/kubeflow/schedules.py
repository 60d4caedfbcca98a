"""Schedules on Kubeflow Pipelines, which calls them recurring runs.

Kubeflow cannot change a recurring run. When one is enabled again, it starts a run for the last time that was missed,
even without catch-up. So a change and a resumption both make a new recurring run and delete the old one.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from mocogan.pipeline.engines.compiled_spec import images_in, parameter_values
from mocogan.pipeline.engines.engine_names import KUBEFLOW
from mocogan.pipeline.engines.kubeflow.connection import KubeflowConnection
from mocogan.pipeline.engines.kubeflow.requests import (
    RunRequest,
    ScheduleRequest,
    check_zone,
    described_zone,
    description,
)
from mocogan.pipeline.engines.patience import NotThere, ServiceRefused, make_once, patiently
from mocogan.pipeline.engines.scheduling.cron import BadCron, Cron, parse_cron, time_zone
from mocogan.pipeline.engines.scheduling.schedule import (
    ACTIVE,
    BROKEN,
    PAUSED,
    Schedule,
    WantedSchedule,
    check_is_new,
    check_is_of,
    find_schedule,
)
from mocogan.pipeline.errors import ExpectedError

_PAGE = 100  # recurring runs that are asked for at a time
_STATES = {"ENABLED": ACTIVE, "DISABLED": PAUSED}


class KubeflowSchedules:
    """The recurring runs of one cluster, or of one namespace in it.

    All methods raise ServiceUnavailable if Kubeflow does not answer, and ServiceRefused if it refuses.
    """

    def __init__(self, connection: KubeflowConnection) -> None:
        self._connection = connection
        self.default_zone = connection.settings.time_zone

    def connect(self) -> None:
        """Asks the cluster whether it is there. Raises KubeflowNotSetUp."""
        _ = self._connection.client

    def check_zone(self, zone: str) -> None:
        """Raises BadTimeZone if the cluster's scheduler uses another time zone."""
        check_zone(zone, self.default_zone)

    def request(self, wanted: WantedSchedule) -> ScheduleRequest:
        """The recurring run that is to be made. Raises BadSpec."""
        assert wanted.spec is not None
        parameters = parameter_values(wanted.spec, wanted.parameters)
        account = self._connection.settings.service_account
        run = RunRequest(wanted.spec, wanted.name, parameters, account)
        return ScheduleRequest(run, wanted.cron, wanted.zone)

    def request_text(self, request: ScheduleRequest) -> str:
        """A request for the eye, as JSON."""
        return json.dumps(request.as_json(), indent=2)

    def all(self) -> list[Schedule]:
        """All recurring runs, those of other pipelines too."""
        found: list[Any] = []
        token = ""
        while True:
            answer = self._send(
                self._connection.client.list_recurring_runs,
                page_token=token,
                page_size=_PAGE,
                namespace=self._connection.settings.namespace,
            )
            found += answer.recurring_runs or []
            token = answer.next_page_token
            if not token:
                return [self._schedule(recurring) for recurring in found]

    def find(self, name: str) -> Schedule:
        """The recurring run with a name or an id. Raises NoSuchSchedule."""
        return find_schedule(self.all(), name, KUBEFLOW)

    def create(self, request: ScheduleRequest) -> Schedule:
        """Makes a recurring run, once, although requests may fail on the way. Raises ScheduleExists."""
        check_is_new(self.all(), request.run.name)
        return self._create(request, known=())

    def pause(self, schedule: Schedule) -> None:
        """No run starts until the schedule is resumed. Kubeflow may stop a run that is running."""
        self._send(self._connection.client.disable_recurring_run, schedule.id)

    def resume(self, schedule: Schedule) -> Schedule:
        """Runs start again. Times that passed meanwhile are left out. The id changes."""
        return self._copy(schedule, self._stored(schedule).trigger.cron_schedule.cron)

    def delete(self, schedule: Schedule) -> None:
        """Deletes the recurring run. Its runs stay."""
        with suppress(NotThere):  # an answer was lost, or somebody else was faster
            self._send(self._connection.client.delete_recurring_run, schedule.id)

    def change_times(self, schedule: Schedule, cron: Cron, zone: str) -> Schedule:
        """Changes the times of a schedule, and nothing else. The id changes."""
        return self._copy(schedule, cron.for_kubeflow(), zone, schedule.state != PAUSED)

    def replace(self, schedule: Schedule, request: ScheduleRequest) -> Schedule:
        """Puts a recurring run with new content in place of another. A paused one stays paused."""
        check_is_of(schedule, request.run.spec.pipeline)
        enabled = schedule.state != PAUSED
        return self._exchange(
            schedule, lambda: self._create(request, known=(schedule.id,), enabled=enabled)
        )

    def is_changed(self, schedule: Schedule, request: ScheduleRequest) -> bool:
        """Whether the content that a request asks for differs from that of the recurring run."""
        stored, wanted = self._stored(schedule), request.run.as_json()
        runtime = stored.runtime_config
        old = {
            "pipeline_spec": stored.pipeline_spec,
            "runtime_config": {
                "parameters": (runtime and runtime.parameters) or {},
                "pipeline_root": runtime and runtime.pipeline_root,
            },
            "service_account": stored.service_account,
        }
        return any(wanted[key] != value for key, value in old.items() if key in wanted)

    def _create(
        self, request: ScheduleRequest, known: tuple[str, ...], enabled: bool = True
    ) -> Schedule:
        pipeline = request.run.spec.pipeline
        experiment = patiently(
            lambda: self._connection.experiment(pipeline), self._connection.timeout
        )
        return self._make(known, experiment_id=experiment, enabled=enabled, **request.arguments())

    def _copy(
        self, schedule: Schedule, cron: str, zone: str | None = None, enabled: bool = True
    ) -> Schedule:
        """A recurring run with the content of another and other times, in place of the other."""
        stored = self._stored(schedule)
        runtime, version = stored.runtime_config, stored.pipeline_version_reference
        arguments = {
            "experiment_id": stored.experiment_id,
            "job_name": stored.display_name,
            "description": description(zone) if zone else stored.description,
            "cron_expression": cron,
            "max_concurrency": 1,
            "no_catchup": True,
            "params": (runtime and runtime.parameters) or {},
            "pipeline_root": runtime and runtime.pipeline_root,
            "service_account": stored.service_account or None,
            "enabled": enabled,
        }
        if stored.pipeline_spec is None and version is None:
            raise ServiceRefused(
                f"Kubeflow does not tell what {schedule.name!r} runs. Name its configuration, "
                "so that `mocogan schedule update` can replace it"
            )
        with tempfile.TemporaryDirectory() as folder:
            if stored.pipeline_spec is not None:
                path = Path(folder, "pipeline.yaml")
                path.write_text(_as_yaml(stored.pipeline_spec), encoding="utf-8")
                arguments["pipeline_package_path"] = str(path)
            else:
                arguments["pipeline_id"] = version.pipeline_id
                arguments["version_id"] = version.pipeline_version_id
            return self._exchange(schedule, lambda: self._make((schedule.id,), **arguments))

    def _exchange(self, old: Schedule, make: Callable[[], Schedule]) -> Schedule:
        """Makes a recurring run in place of another, so that no time starts two runs and there is always one."""
        if old.state == ACTIVE:
            self.pause(old)
        try:
            made = make()
        except ExpectedError:
            if old.state == ACTIVE:
                self._send(self._connection.client.enable_recurring_run, old.id)
            raise
        self.delete(old)
        return made

    def _make(self, known: tuple[str, ...], **arguments: Any) -> Schedule:
        client, name = self._connection.client, arguments["job_name"]

        def make() -> Schedule:
            with self._connection.errors():
                return self._schedule(client.create_recurring_run(**arguments))

        def made() -> Schedule | None:
            named = (schedule for schedule in self.all() if schedule.name == name)
            return next((found for found in named if found.id not in known), None)

        return make_once(make, made, self._connection.timeout)

    def _stored(self, schedule: Schedule) -> Any:
        return self._send(self._connection.client.get_recurring_run, schedule.id)

    def _send(self, method: Callable[..., Any], *values: Any, **arguments: Any) -> Any:
        def send() -> Any:
            with self._connection.errors():
                return method(*values, **arguments)

        return patiently(send, self._connection.timeout)

    def _schedule(self, recurring: Any) -> Schedule:
        runtime, spec = recurring.runtime_config, recurring.pipeline_spec or {}
        spec = spec.get("pipeline_spec", spec)
        zone = described_zone(recurring.description) or self.default_zone
        state, cron = _STATES.get(recurring.status or "", BROKEN), _cron_text(recurring.trigger)
        return Schedule(
            name=recurring.display_name,
            id=recurring.recurring_run_id,
            state=state,
            cron=cron,
            time_zone=zone,
            next_run=_next_run(cron, zone) if state == ACTIVE else None,
            pipeline=str(spec.get("pipelineInfo", {}).get("name", "")),
            details={
                "image": ", ".join(images_in(spec.get("deploymentSpec", {}))),
                "root": runtime and runtime.pipeline_root,
                "parameters": (runtime and runtime.parameters) or {},
                "service_account": recurring.service_account,
                "experiment": recurring.experiment_id,
                "namespace": recurring.namespace,
                "error": recurring.error.message if recurring.error else None,
            },
        )


def _cron_text(trigger: Any) -> str:
    """Five fields if the recurring run has the second 0, otherwise what it has."""
    if trigger and trigger.cron_schedule:
        text = str(trigger.cron_schedule.cron)
        try:
            return parse_cron(text.removeprefix("0 ")).text
        except BadCron:
            return text
    periodic = trigger and trigger.periodic_schedule
    return f"every {periodic.interval_second} s" if periodic else ""


def _next_run(cron: str, zone: str) -> float | None:
    """Kubeflow does not tell it. None: the recurring run has other times than cron's."""
    try:
        return next(parse_cron(cron).due_times(time_zone(zone), time.time()), None)
    except ExpectedError:
        return None


def _as_yaml(spec: dict[str, Any]) -> str:
    """The parts of a specification that Kubeflow stores, as a file that kfp's client reads."""
    parts = [spec]
    if "pipeline_spec" in spec:
        parts = [spec["pipeline_spec"], spec.get("platform_spec", {})]
    return yaml.safe_dump_all(parts, sort_keys=True)
