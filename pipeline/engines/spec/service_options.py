"""What the section `service` of the configuration says about tasks: resources, environment, retries, cache, labels."""

from __future__ import annotations

from typing import Any

from mocogan.pipeline.config.node_resources import NodeResources
from mocogan.pipeline.config.settings import ServiceConfig
from mocogan.pipeline.engines.accelerators import gpu_type
from mocogan.pipeline.engines.spec.parts import Spec, component, container, tasks

# The cache does not see that a pushed version is gone. Locally, the driver of the Pusher does.
_NEVER_CACHED = ("Pusher",)
_ENVIRONMENT = {
    "TF_ENABLE_ONEDNN_OPTS": "1"
}  # TensorFlow decides by the CPU otherwise; a training depends on it
_BACKOFF_FACTOR = 2.0
_LONGEST_WAIT = "3600s"


def add_service_options(spec: Spec, service: ServiceConfig, engine: str) -> None:
    """Adds them to all tasks of a pipeline for an engine."""
    environment = [
        {"name": name, "value": value}
        for name, value in sorted((_ENVIRONMENT | service.environment).items())
    ]
    for node, task in tasks(spec).items():
        own = container(spec, node)
        own["env"] = environment
        own.pop("resources", None)
        if resources := _resources(service.resources_of(node), engine):
            own["resources"] = resources
        if service.retries:
            task["retryPolicy"] = _retry_policy(service)
        if node in {*_NEVER_CACHED, *service.uncached}:
            task.pop("cachingOptions", None)


def pod_labels(spec: Spec, labels: dict[str, str]) -> dict[str, Any]:
    """The part of the specification for Kubernetes alone: labels of each task's pod."""
    executors = {
        component(spec, node)["executorLabel"]: {"podMetadata": {"labels": dict(labels)}}
        for node in tasks(spec)
    }
    return {"kubernetes": {"deploymentSpec": {"executors": executors}}}


def _resources(wanted: NodeResources, engine: str) -> dict[str, Any]:
    values: dict[str, Any] = {"cpuLimit": wanted.cpu, "memoryLimit": wanted.memory_gb}
    if wanted.gpu_count:
        # An int64 in JSON is a text.
        values["accelerator"] = {
            "type": gpu_type(wanted, engine),
            "count": str(wanted.gpu_count),
        }
    return {key: value for key, value in values.items() if value is not None}


def _retry_policy(service: ServiceConfig) -> dict[str, Any]:
    return {
        "maxRetryCount": service.retries,
        "backoffDuration": f"{service.retry_seconds}s",
        "backoffFactor": _BACKOFF_FACTOR,
        "backoffMaxDuration": _LONGEST_WAIT,
    }
