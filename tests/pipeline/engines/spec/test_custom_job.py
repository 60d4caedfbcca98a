"""The trainer's task as the launcher of a custom job."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("google.cloud.aiplatform", reason="google-cloud-aiplatform is not installed")
pytest.importorskip("kfp", reason="kfp is not installed")

from google.cloud import aiplatform_v1
from google.protobuf.json_format import ParseDict, ParseError
from kfp.pipeline_spec import pipeline_spec_pb2

from mocogan.pipeline.config.settings import ServiceConfig
from mocogan.pipeline.engines.spec.custom_job import train_in_custom_job
from mocogan.pipeline.engines.spec.parts import Spec
from tests.support.compiled_pipelines import IMAGE, small_spec
from tests.support.custom_job_service import custom_job, launcher_flags

_ENVIRONMENT = [{"name": "TF_ENABLE_ONEDNN_OPTS", "value": "1"}]
_INPUT = {
    "inputs": {"parameterValues": {"run_fn": 'a "quoted" \\ text'}},
    "outputs": {
        "outputFile": "gs://bucket/output.json",
        "parameters": {"gcp_resources": {"outputFile": "/gcs/bucket/resources"}},
    },
}


def _spec(**job: Any) -> Spec:
    service = ServiceConfig.model_validate(
        {
            "labels": {"team": "video"},
            "resources": {"MoCoGanTrainer": {"gpu_type": "NVIDIA_L4", "gpu_count": 2}},
            "vertex": {"custom_job": {"machine_type": "g2-standard-24", **job}},
        }
    )
    spec = small_spec()
    container = spec["deploymentSpec"]["executors"]["MoCoGanTrainer_executor"]["container"]
    container |= {"env": _ENVIRONMENT, "resources": {"cpuLimit": 4.0}}
    train_in_custom_job(spec, service)
    return spec


def _launcher(spec: Spec) -> dict[str, Any]:
    found: dict[str, Any] = spec["deploymentSpec"]["executors"]["MoCoGanTrainer_executor"]
    return found["container"]


def _job(**options: Any) -> Any:
    return custom_job(launcher_flags(_launcher(_spec(**options))["args"], _INPUT)["payload"])


def test_the_job_is_a_published_message() -> None:
    job = _job(spot=True, max_hours=1.5)
    assert job.display_name == "run-1-MoCoGanTrainer"
    assert dict(job.labels) == {"team": "video"}
    scheduling = job.job_spec.scheduling
    assert scheduling.timeout.seconds == 5400
    assert scheduling.restart_job_on_worker_restart
    assert scheduling.strategy == aiplatform_v1.Scheduling.Strategy.SPOT
    (pool,) = job.job_spec.worker_pool_specs
    assert pool.replica_count == 1
    assert pool.machine_spec.machine_type == "g2-standard-24"
    assert pool.machine_spec.accelerator_type == aiplatform_v1.AcceleratorType.NVIDIA_L4
    assert pool.machine_spec.accelerator_count == 2
    assert job.job_spec.service_account.startswith("robot@")
    assert job.job_spec.network == ""  # the run has none


def test_a_field_that_the_message_lacks_is_an_error() -> None:
    with pytest.raises(ParseError, match="machines"):
        custom_job(json.dumps({"job_spec": {"machines": 2}}))


def test_a_worker_runs_the_command_of_the_task() -> None:
    container = _job().job_spec.worker_pool_specs[0].container_spec
    assert container.image_uri == IMAGE
    assert list(container.command) == ["python", "-m", "run_task"]
    assert json.loads(container.args[0]) == _INPUT
    assert [(item.name, item.value) for item in container.env] == [("TF_ENABLE_ONEDNN_OPTS", "1")]


def test_several_machines_are_a_chief_and_workers() -> None:
    chief, workers = _job(replicas=3, restart=False).job_spec.worker_pool_specs
    assert (chief.replica_count, workers.replica_count) == (1, 2)
    assert chief.container_spec == workers.container_spec
    assert not _job(restart=False).job_spec.scheduling.restart_job_on_worker_restart


def test_the_pipeline_is_valid_and_the_launcher_has_its_own_output() -> None:
    spec = _spec()
    pipeline = ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
    outputs = pipeline.components["MoCoGanTrainer"].output_definitions.parameters
    assert list(outputs) == ["gcp_resources"]
    launcher = _launcher(spec)
    assert set(launcher) == {"image", "command", "args"}
    flags = launcher_flags(launcher["args"], _INPUT)
    assert flags["gcp_resources"] == "/gcs/bucket/resources"
    assert (flags["project"], flags["location"]) == ("some-project", "europe-west4")
