"""The pipeline compiles for Vertex AI, through the tfx command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mocogan.pipeline.kubeflow_runner
from mocogan.pipeline.config.settings import CONFIG_VARIABLE

pytest.importorskip("kfp", reason="kfp compiles for Vertex and is not installed")


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The compiled specification."""
    folder = tmp_path_factory.mktemp("vertex")
    config = folder / "my.yaml"
    config.write_text(
        yaml.safe_dump(
            {"data": "/gcs/bucket/videos", "out": "gs://bucket/out", "service": {"gpu_count": 2}}
        )
    )
    compiled = subprocess.run(
        [
            Path(sys.executable).with_name("tfx"),
            "pipeline",
            "compile",
            "--engine=vertex",
            f"--pipeline_path={mocogan.pipeline.kubeflow_runner.__file__}",
        ],
        env={
            **os.environ,
            CONFIG_VARIABLE: str(config),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    return json.loads((folder / "mocogan.json").read_text())["pipelineSpec"]


def test_every_node_is_a_task(spec: dict):
    tasks = set(spec["root"]["dag"]["tasks"])
    assert {
        "VideoExampleGen",
        "StatisticsGen",
        "SchemaGen",
        "ExampleValidator",
        "Transform",
        "MoCoGanTrainer",
        "VideoEvaluator",
        "Pusher",
    } <= tasks


def test_transform_waits_for_the_validator(spec: dict):
    assert "ExampleValidator" in spec["root"]["dag"]["tasks"]["Transform"]["dependentTasks"]


def test_the_trainer_gets_the_accelerators(spec: dict):
    executors = spec["deploymentSpec"]["executors"]
    accelerator = executors["MoCoGanTrainer_executor"]["container"]["resources"]["accelerator"]
    assert accelerator == {"count": "2", "type": "NVIDIA_TESLA_T4"}
    assert "resources" not in executors["Transform_executor"]["container"]


def test_our_artifact_types_are_importable_where_the_service_looks(spec: dict):
    outputs = spec["components"]["MoCoGanTrainer"]["outputDefinitions"]["artifacts"]
    assert "mocogan.GanCheckpoint" in json.dumps(outputs["checkpoints"])
