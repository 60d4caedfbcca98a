"""The whole pipeline, compiled from a configuration and submitted to the loopback server."""

from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import MessageToDict

from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import IMAGE, ROOT
from tests.support.vertex_server import VertexServer

pytest.importorskip("mocogan.pipeline.engines.compiling", reason="there is no compiler")

CONTENT = ["--data", "gs://bucket/videos", "--out", "gs://bucket/out"]


@pytest.mark.exhaustive
def test_the_whole_pipeline_is_scheduled_and_stays_as_long_as_it_is_the_same(
    mocogan: Command, vertex: list[str], server: VertexServer
):
    content = [*CONTENT, "--set", f"service.image={IMAGE}"]
    by_tag = [*CONTENT, "--set", "service.image=mocogan:1", "--dry-run"]
    _, _, (line,) = mocogan("schedule", "create", *vertex, *by_tag, "--cron", "0 3 * * *")
    assert line.startswith("warning: service.image=mocogan:1 has no digest.")
    assert mocogan("schedule", "create", *vertex, *content, "--cron", "0 3 * * *")[0] == 0
    ((name, schedule),) = server.schedules.items()
    job = MessageToDict(schedule)["createPipelineJobRequest"]["pipelineJob"]
    assert {"VideoExampleGen", "MoCoGanTrainer", "Pusher"} <= set(
        job["pipelineSpec"]["root"]["dag"]["tasks"]
    )
    assert job["runtimeConfig"]["gcsOutputDirectory"] == ROOT
    update = ["schedule", "update", *vertex, "mocogan", *content]
    assert mocogan(*update)[1][0].startswith("schedule mocogan is unchanged")
    changed = mocogan(*update, "--set", f"service.image={IMAGE.replace('0', '1')}")
    assert changed[1][0].startswith("schedule mocogan is replaced")
    assert name not in server.schedules


@pytest.mark.exhaustive
def test_what_cannot_run_is_refused_before_anything_is_sent(
    mocogan: Command, vertex: list[str], server: VertexServer
):
    status, _, errors = mocogan("submit", *vertex, *CONTENT)
    assert status == 1
    assert "service.image is not set" in errors[0]
    assert server.requests == []


@pytest.mark.exhaustive
def test_the_name_of_the_run_is_that_of_the_pushed_model(
    mocogan: Command, vertex: list[str], server: VertexServer
):
    options = [*CONTENT, "--set", f"service.image={IMAGE}", "--name", "nightly", "--dry-run"]
    status, output, _ = mocogan("submit", *vertex, *options)
    assert status == 0
    job = json.loads("\n".join(output))["pipelineJob"]
    assert job["displayName"] == "nightly"
    assert job["runtimeConfig"]["parameterValues"]["run_name"] == "nightly"


@pytest.mark.exhaustive
def test_a_schedule_starts_custom_jobs(mocogan: Command, vertex: list[str], server: VertexServer):
    gpu = "service.resources.MoCoGanTrainer={gpu_type: NVIDIA_L4, gpu_count: 1}"
    job = "service.vertex.custom_job={machine_type: g2-standard-12, spot: true}"
    content = [*CONTENT, "--set", f"service.image={IMAGE}", "--set", gpu, "--set", job]
    assert mocogan("schedule", "create", *vertex, *content, "--cron", "0 3 * * *")[0] == 0
    ((_, schedule),) = server.schedules.items()
    spec = MessageToDict(schedule)["createPipelineJobRequest"]["pipelineJob"]["pipelineSpec"]
    launcher = spec["deploymentSpec"]["executors"]["MoCoGanTrainer_executor"]["container"]
    assert launcher["command"][-1].endswith("custom_job.launcher")
    payload = json.loads(launcher["args"][launcher["args"].index("--payload") + 1])
    assert payload["job_spec"]["scheduling"]["strategy"] == "SPOT"
