"""TFX's command line compiles what `mocogan compile` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mocogan.pipeline import kubeflow_runner
from mocogan.pipeline.config.loading import CONFIG_VARIABLE, load_config
from mocogan.pipeline.engines.compiling import compile_pipeline

pytest.importorskip("kfp", reason="kfp compiles for Vertex and is not installed")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "my.yaml"
    values = {
        "data": "/gcs/bucket/videos",
        "out": "gs://bucket/out",
        "service": {"image": "registry/mocogan:1"},
    }
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.mark.exhaustive
def test_the_tfx_command_line_compiles_the_same(config: Path, tmp_path: Path):
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
    assert "service.image=registry/mocogan:1 has no digest" in compiled.stdout + compiled.stderr
    spec = compile_pipeline(load_config(str(config)), "vertex")
    assert (
        json.loads((tmp_path / "mocogan.json").read_text())["pipelineSpec"] == spec["pipelineSpec"]
    )


def test_a_configuration_that_cannot_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "my.yaml"
    path.write_text(yaml.safe_dump({"data": "videos", "out": "gs://bucket/out"}))
    monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    monkeypatch.chdir(tmp_path)
    assert kubeflow_runner.main() == 1
    assert "error: service.image is not set" in capsys.readouterr().err
    assert not (tmp_path / "mocogan.json").exists()
