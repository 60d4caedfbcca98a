"""The requests for Kubeflow Pipelines: what kfp's client is called with, and what it sends."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from mocogan.pipeline.engines.compiled_spec import BadSpec, CompiledSpec
from mocogan.pipeline.engines.scheduling.cron import BadTimeZone, Cron


class RunRequest(NamedTuple):
    """A run of a compiled pipeline."""

    spec: CompiledSpec
    name: str
    parameters: Mapping[str, Any]
    service_account: str | None

    def arguments(self) -> dict[str, Any]:
        """Arguments that kfp's methods for runs and recurring runs share."""
        return {
            "job_name": self.name,
            "pipeline_package_path": str(self.spec.path),
            "params": dict(self.parameters),
            "pipeline_root": self.spec.root,
            "service_account": self.service_account,
        }

    def as_json(self) -> dict[str, Any]:
        """The body of the request, without the experiment, whose id only the cluster knows. Raises BadSpec."""
        body = {
            "display_name": self.name,
            "pipeline_spec": _sent_spec(self.spec),
            "runtime_config": {
                "parameters": dict(self.parameters),
                "pipeline_root": self.spec.root,
            },
        }
        return body | ({"service_account": self.service_account} if self.service_account else {})


class ScheduleRequest(NamedTuple):
    """A recurring run: one at a time, and none for a time that was missed."""

    run: RunRequest
    cron: Cron
    zone: str

    def arguments(self) -> dict[str, Any]:
        """Arguments of kfp's `create_recurring_run`, without the experiment."""
        return {**self.run.arguments(), **timing(self.cron, self.zone)}

    def as_json(self) -> dict[str, Any]:
        """The body of the request, without the experiment. Raises BadSpec."""
        times = timing(self.cron, self.zone)
        return {
            **self.run.as_json(),
            "description": times["description"],
            "max_concurrency": times["max_concurrency"],
            "mode": "ENABLE",
            "no_catchup": times["no_catchup"],
            "trigger": {"cron_schedule": {"cron": times["cron_expression"]}},
        }


def unused_name(pipeline: str) -> str:
    """A name that no other run has, so that a lost answer can be looked up."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{pipeline}-{now:%Y%m%d%H%M%S}-{secrets.token_hex(2)}"


def timing(cron: Cron, zone: str) -> dict[str, Any]:
    """Arguments of kfp's `create_recurring_run` that say when runs start."""
    return {
        "description": description(zone),
        "cron_expression": cron.for_kubeflow(),
        "max_concurrency": 1,
        "no_catchup": True,
    }


def description(zone: str) -> str:
    """The description of a recurring run. It keeps the time zone, for which Kubeflow has no field."""
    return f"made by mocogan schedule, time zone {zone}"


def described_zone(text: str | None) -> str | None:
    """The time zone in a description. None: it is not one of ours."""
    start, mark, zone = (text or "").partition("made by mocogan schedule, time zone ")
    return zone if mark and not start else None


def check_zone(zone: str, cluster_zone: str) -> None:
    """Raises BadTimeZone if the cluster's scheduler uses another time zone. A recurring run has none of its own."""
    if zone != cluster_zone:
        raise BadTimeZone(
            f"recurring runs of Kubeflow have no time zone: the cluster reads all times in {cluster_zone}. Use "
            f"--time-zone {cluster_zone}, or set the cluster's CRON_SCHEDULE_TIMEZONE and service.kubeflow.time_zone "
            f"to {zone}"
        )


def _sent_spec(spec: CompiledSpec) -> dict[str, Any]:
    """The specification as kfp's client sends it, after the check against its message."""
    from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
    from kfp.pipeline_spec import pipeline_spec_pb2

    try:
        pipeline, *platforms = yaml.safe_load_all(spec.path.read_text(encoding="utf-8"))
        sent = MessageToDict(ParseDict(pipeline, pipeline_spec_pb2.PipelineSpec()))
        platform = pipeline_spec_pb2.PlatformSpec()
        for part in platforms:
            ParseDict(part, platform)
    except ParseError as error:
        raise BadSpec(f"{spec.path} is no valid pipeline specification: {error}") from None
    if not platforms:
        return dict(sent)
    return {"pipeline_spec": sent, "platform_spec": MessageToDict(platform)}
