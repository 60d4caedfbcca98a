"""The pipeline compiles for Vertex AI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mocogan.pipeline import kubeflow_runner
from mocogan.pipeline.config.loading import CONFIG_VARIABLE

pytest.importorskip("kfp", reason="kfp compiles for Vertex and is not installed")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "my.yaml"
    path.write_text(
        yaml.safe_dump(
            {"data": "/gcs/bucket/videos", "out": "gs://bucket/out", "service": {"gpu_count": 2}}
        )
    )
    return path


@pytest.fixture(scope="module")
def spec(config: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The compiled specification."""
    folder = tmp_path_factory.mktemp("vertex")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONFIG_VARIABLE, str(config))
        patch.chdir(folder)
        assert kubeflow_runner.main() == 0
    return json.loads((folder / "mocogan.json").read_text())["pipelineSpec"]


@pytest.mark.exhaustive
def test_the_tfx_command_line_compiles_the_same(spec: dict, config: Path, tmp_path: Path):
    compiled = subprocess.run(
        [
            Path(sys.executable).with_name("tfx"),
            "pipeline",
            "compile",
            "--engine=vertex",
            f"--pipeline_path={kubeflow_runner.__file__}",
        ],
        env={
            **os.environ,
            CONFIG_VARIABLE: str(config),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    assert json.loads((tmp_path / "mocogan.json").read_text())["pipelineSpec"] == spec


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
        "ReportGen",
        "InfraValidator",
        "Pusher",
    } <= tasks


def test_only_the_pusher_is_never_cached(spec: dict):
    tasks = spec["root"]["dag"]["tasks"]
    cached = {
        name for name, task in tasks.items() if task.get("cachingOptions", {}).get("enableCache")
    }
    assert "Pusher" not in cached
    assert {"VideoExampleGen", "MoCoGanTrainer", "VideoEvaluator", "InfraValidator"} <= cached


def test_the_pusher_waits_for_both_blessings_and_the_report(spec: dict):
    inputs = spec["root"]["dag"]["tasks"]["Pusher"]["inputs"]["artifacts"]
    producers = {name: task["taskOutputArtifact"]["producerTask"] for name, task in inputs.items()}
    assert producers == {
        "model": "MoCoGanTrainer",
        "model_blessing": "VideoEvaluator",
        "infra_blessing": "InfraValidator",
        "report": "ReportGen",
    }


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
