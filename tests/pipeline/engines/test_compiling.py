"""What the compiled pipelines say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.node_resources import NODES
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.compiling import compile_pipeline, write_spec
from mocogan.pipeline.engines.engine_names import ENGINES, KUBEFLOW, VERTEX

_PARAMETERS = ("data", "steps", "max_minutes", "run_name", "warm_start")
_SERVICE = {
    "resources": {
        "VideoExampleGen": {"cpu": 8, "memory_gb": 32},
        "MoCoGanTrainer": {"cpu": 16, "gpu_count": 2},
    },
    "environment": {"TF_CPP_MIN_LOG_LEVEL": "1"},
    "uncached": ("ReportGen",),
    "retries": 2,
    "retry_seconds": 30,
    "labels": {"team": "video"},
}


@pytest.fixture(scope="module")
def compiled(tiny_config: Config) -> dict[str, dict[str, Any]]:
    values = tiny_config.model_dump(mode="json")
    values["service"] |= _SERVICE
    values["trainer"]["run"]["warm_start"] = "latest"
    config = Config.model_validate(values)
    return {engine: compile_pipeline(config, engine) for engine in ENGINES}


@pytest.fixture(params=ENGINES)
def spec(request: pytest.FixtureRequest, compiled: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found = compiled[request.param]
    return found.get("pipelineSpec", found)


def _containers(spec: dict[str, Any]) -> dict[str, Any]:
    executors = spec["deploymentSpec"]["executors"]
    return {name.removesuffix("_executor"): value["container"] for name, value in executors.items()}


def test_every_node_is_a_container(spec: dict[str, Any]) -> None:
    assert set(NODES) <= set(spec["root"]["dag"]["tasks"])
    assert set(_containers(spec)) == set(spec["root"]["dag"]["tasks"])
    assert "resolver" not in json.dumps(spec).lower()


def test_no_path_of_this_machine_is_in_it(spec: dict[str, Any]) -> None:
    assert str(Path(__file__).parents[3]) not in json.dumps(spec)
    assert spec["schemaVersion"] == "2.1.0"
    assert spec["defaultPipelineRoot"] == "gs://bucket/out/tfx_pipeline_output"


def test_options_of_the_service_reach_the_tasks(spec: dict[str, Any]) -> None:
    containers, tasks = _containers(spec), spec["root"]["dag"]["tasks"]
    assert containers["VideoExampleGen"]["resources"] == {"cpuLimit": 8.0, "memoryLimit": 32.0}
    assert containers["MoCoGanTrainer"]["resources"]["accelerator"]["count"] == "2"
    assert "resources" not in containers["Transform"]
    for name, task in tasks.items():
        assert {"name": "TF_ENABLE_ONEDNN_OPTS", "value": "1"} in containers[name]["env"]
        assert {"name": "TF_CPP_MIN_LOG_LEVEL", "value": "1"} in containers[name]["env"]
        assert task["retryPolicy"]["maxRetryCount"] == 2
        assert task["retryPolicy"]["backoffDuration"] == "30s"
    cached = {name for name, task in tasks.items() if "cachingOptions" in task}
    assert set(NODES) - cached == {"Pusher", "ReportGen"}


def test_accelerators_and_labels_are_those_of_the_engine(
    compiled: dict[str, dict[str, Any]],
) -> None:
    vertex, kubeflow = compiled[VERTEX], compiled[KUBEFLOW]
    types = [
        _containers(spec)["MoCoGanTrainer"]["resources"]["accelerator"]["type"]
        for spec in (vertex["pipelineSpec"], kubeflow)
    ]
    assert types == ["NVIDIA_TESLA_T4", "nvidia.com/gpu"]
    assert vertex["labels"]["team"] == "video"
    executors = kubeflow["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert executors["Pusher_executor"] == {"podMetadata": {"labels": {"team": "video"}}}


def test_a_run_can_vary_data_length_and_name(spec: dict[str, Any]) -> None:
    definitions = spec["root"]["inputDefinitions"]["parameters"]
    assert {name: value["defaultValue"] for name, value in definitions.items()} == {
        "data": "gs://bucket/videos",
        "steps": 10,
        "max_minutes": 0,
        "run_name": "",
        "warm_start": "latest",
    }


def test_the_data_is_looked_at_before_the_cache(compiled: dict[str, dict[str, Any]]) -> None:
    hook = _containers(compiled[VERTEX]["pipelineSpec"])["VideoExampleGen"]["lifecycle"]
    module = "mocogan.pipeline.engines.container.data_driver"
    assert hook["preCacheCheck"]["command"] == ["python", "-m", module]
    tasks = compiled[KUBEFLOW]["root"]["dag"]["tasks"]
    assert "cachingOptions" not in tasks["DataFingerprint"]
    fingerprint = tasks["VideoExampleGen"]["inputs"]["parameters"]["input_fingerprint"]
    assert fingerprint["taskOutputParameter"]["producerTask"] == "DataFingerprint"


def test_a_task_chooses_the_start_of_the_training_before_the_cache(spec: dict[str, Any]) -> None:
    tasks = spec["root"]["dag"]["tasks"]
    assert "cachingOptions" not in tasks["TrainingStart"]
    start = tasks["WarmStartFinder"]["inputs"]["parameters"]["start"]
    assert start["taskOutputParameter"]["producerTask"] == "TrainingStart"
    for task in ("TrainingStart", "WarmStartFinder"):
        chosen = tasks[task]["inputs"]["parameters"]["warm_start"]
        assert chosen == {"componentInputParameter": "warm_start"}
    base = tasks["MoCoGanTrainer"]["inputs"]["artifacts"]["base_model"]
    assert base["taskOutputArtifact"]["producerTask"] == "WarmStartFinder"


def test_the_clients_can_read_the_files(
    compiled: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    kfp = pytest.importorskip("kfp")
    write_spec(compiled[KUBEFLOW], str(tmp_path / "p.yaml"))
    loaded = kfp.components.load_component_from_file(str(tmp_path / "p.yaml"))
    assert set(loaded.component_spec.inputs) == set(_PARAMETERS)
    assert len(list(yaml.safe_load_all((tmp_path / "p.yaml").read_text()))) == 2
    write_spec(compiled[VERTEX], str(tmp_path / "p.json"))
    assert json.loads((tmp_path / "p.json").read_text()) == compiled[VERTEX]


@pytest.mark.parametrize(("engine", "name"), [(VERTEX, "p.yaml"), (KUBEFLOW, "p.json")])
def test_a_name_that_the_client_refuses_is_an_error(
    compiled: dict[str, dict[str, Any]], tmp_path: Path, engine: str, name: str
) -> None:
    with pytest.raises(ConfigError, match="must end with"):
        write_spec(compiled[engine], str(tmp_path / name))
