"""The whole pipeline, compiled from a configuration and submitted to the loopback server."""

from __future__ import annotations

import pytest

from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import IMAGE, ROOT
from tests.support.kubeflow_server import KubeflowServer

pytest.importorskip("mocogan.pipeline.engines.compiling", reason="there is no compiler")


@pytest.mark.exhaustive
def test_the_whole_pipeline_is_submitted_and_scheduled(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer
):
    gpu = "service.resources={MoCoGanTrainer: {gpu_type: nvidia.com/gpu, gpu_count: 1}}"
    content = ["--data", "gs://bucket/videos", "--out", "gs://bucket/out", "--set", gpu]
    content += ["--set", f"service.image={IMAGE}", "--set", "service.labels={team: video}"]
    assert mocogan("submit", *kubeflow, *content, "--name", "nightly")[0] == 0
    (run,) = server.runs.values()
    assert run["runtime_config"] == {
        "parameters": {"run_name": "nightly"},
        "pipeline_root": ROOT,
    }
    assert set(run["pipeline_spec"]) == {"pipeline_spec", "platform_spec"}
    assert mocogan("schedule", "create", *kubeflow, *content, "--cron", "0 3 * * *")[0] == 0
    unchanged = mocogan("schedule", "update", *kubeflow, "mocogan", *content)
    assert unchanged[1][0].startswith("schedule mocogan is unchanged")
