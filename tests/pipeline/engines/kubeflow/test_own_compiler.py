"""Kubeflow's own compiler turns the compiled pipeline into an Argo Workflow, as its API server does for each run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.compiling import compile_pipeline, write_spec
from mocogan.pipeline.engines.engine_names import KUBEFLOW

COMPILER = Path(__file__).parents[4] / ".tools/bin/kubeflow-compiler"

Compile = Callable[[Path], subprocess.CompletedProcess[str]]

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(
        not COMPILER.exists(),
        reason="Kubeflow's compiler is missing. scripts/kubeflow_compiler.sh builds it, with git and Go",
    ),
]


def _compiled(spec: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMPILER, spec], capture_output=True, text=True)


@pytest.fixture(scope="module")
def spec(tiny_config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline with all that a configuration can add."""
    values = tiny_config.model_dump(mode="json")
    values["trainer"]["run"]["warm_start"] = "latest"
    values["service"] |= {
        "labels": {"team": "video"},
        "environment": {"LEVEL": "1"},
        "resources": {"MoCoGanTrainer": {"cpu": 8, "memory_gb": 30, "gpu_count": 1}},
    }
    path = tmp_path_factory.mktemp("compiled") / "mocogan.yaml"
    write_spec(compile_pipeline(Config.model_validate(values), KUBEFLOW), str(path))
    return path


def test_every_task_is_in_the_workflow(spec: Path) -> None:
    done = _compiled(spec)
    assert done.returncode == 0, done.stderr
    workflow = yaml.safe_load(done.stdout)
    assert workflow["kind"] == "Workflow"
    tasks = next(iter(yaml.safe_load_all(spec.read_text())))["root"]["dag"]["tasks"]
    (root,) = [t for t in workflow["spec"]["templates"] if t["name"] == "root"]
    names = {task["name"] for task in root["dag"]["tasks"]}
    for task in tasks:
        assert {task, f"{task}-driver"} <= names, names
    text = json.dumps(workflow)
    assert "mocogan.pipeline.engines.container.run_task" in text
    assert "team" in text


def test_a_pipeline_with_an_unknown_field_is_refused(spec: Path, tmp_path: Path) -> None:
    """So the compiler reads the fields, and does not only copy them."""
    pipeline, *others = yaml.safe_load_all(spec.read_text())
    tasks = pipeline["root"]["dag"]["tasks"]
    tasks["Pusher"]["componentRef"]["name"] = "missing"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump_all([pipeline, *others]))
    done = _compiled(broken)
    assert done.returncode == 1
    assert "missing" in done.stderr
    tasks["Pusher"]["inputz"] = {}
    broken.write_text(yaml.safe_dump_all([pipeline, *others]))
    assert 'unknown field "inputz"' in _compiled(broken).stderr
