"""Trains in a custom job of Vertex AI, which has machines of its own: of a named type, spot machines, or several.

The task of the trainer becomes Google's launcher, in the form that google-cloud-pipeline-components gives it
(`create_custom_training_job_from_component`). It starts a job with the trainer's own command and `ExecutorInput`, and
waits for it. So the inputs, outputs and lineage of the node stay as they are.
"""

from __future__ import annotations

import json
from typing import Any

from mocogan.pipeline.config.node_resources import TRAINER, NodeResources
from mocogan.pipeline.config.services import CustomJobConfig
from mocogan.pipeline.config.settings import ServiceConfig
from mocogan.pipeline.engines.accelerators import gpu_type
from mocogan.pipeline.engines.container.worker import LAUNCHER_OUTPUT
from mocogan.pipeline.engines.engine_names import VERTEX
from mocogan.pipeline.engines.spec.parts import TEXT, Spec, component, container

_IMAGE = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
_LAUNCHER = "google_cloud_pipeline_components.container.v1.custom_job.launcher"

# Placeholders that the service replaces. The second is for texts inside of JSON.
_EXECUTOR_INPUT, _ESCAPED_EXECUTOR_INPUT = "{{$}}", "{{$.json_escape[1]}}"
_PROJECT, _LOCATION = (
    "{{$.pipeline_google_cloud_project_id}}",
    "{{$.pipeline_google_cloud_location}}",
)
_SERVICE_ACCOUNT, _NETWORK = "{{$.pipeline_service_account}}", "{{$.pipeline_network}}"
_JOB_NAME = "{{$.pipeline_job_name}}"


def train_in_custom_job(spec: Spec, service: ServiceConfig) -> None:
    """Replaces the container of the trainer by the launcher of a job. All other edits of it must be done before."""
    own = container(spec, TRAINER)
    payload = _payload(own, service)
    own.clear()
    own |= {
        "image": _IMAGE,
        "command": ["python3", "-u", "-m", _LAUNCHER],
        "args": [
            *("--type", "CustomJob"),
            *("--payload", json.dumps(payload, sort_keys=True)),
            *("--project", _PROJECT),
            *("--location", _LOCATION),
            *(
                f"--{LAUNCHER_OUTPUT}",
                f"{{{{$.outputs.parameters['{LAUNCHER_OUTPUT}'].output_file}}}}",
            ),
        ],
    }
    outputs = component(spec, TRAINER).setdefault("outputDefinitions", {})
    outputs.setdefault("parameters", {})[LAUNCHER_OUTPUT] = {"parameterType": TEXT}


def _payload(trainer: dict[str, Any], service: ServiceConfig) -> dict[str, Any]:
    """The message CustomJob. It works as the account and in the network of the run."""
    job = service.vertex.custom_job
    return {
        "display_name": f"{_JOB_NAME}-{TRAINER}",
        "job_spec": {
            "worker_pool_specs": _worker_pools(trainer, job, service.resources_of(TRAINER)),
            "scheduling": {
                "timeout": f"{round(job.max_hours * 3600)}s",
                "restart_job_on_worker_restart": job.restart,
                "strategy": "SPOT" if job.spot else "STANDARD",
            },
            "service_account": _SERVICE_ACCOUNT,
            "network": _NETWORK,
        },
        "labels": dict(service.labels),
    }


def _worker_pools(
    trainer: dict[str, Any], job: CustomJobConfig, resources: NodeResources
) -> list[dict[str, Any]]:
    """The chief, and a pool with the other machines. Vertex AI puts both into TF_CONFIG."""
    machine: dict[str, Any] = {"machine_type": job.machine_type}
    if resources.gpu_count:
        machine |= {
            "accelerator_type": gpu_type(resources, VERTEX),
            "accelerator_count": resources.gpu_count,
        }
    pool = {
        "machine_spec": machine,
        "container_spec": {
            "image_uri": trainer["image"],
            "command": trainer["command"],
            "args": [
                _ESCAPED_EXECUTOR_INPUT if word == _EXECUTOR_INPUT else word
                for word in trainer["args"]
            ],
            "env": trainer["env"],
        },
    }
    sizes = [1] if job.replicas == 1 else [1, job.replicas - 1]
    return [{**pool, "replica_count": size} for size in sizes]
