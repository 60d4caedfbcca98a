from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.engines.compiled_spec import BadSpec, parameter_values, read_spec
from mocogan.pipeline.engines.engine_names import KUBEFLOW, VERTEX
from tests.support.compiled_pipelines import (
    IMAGE,
    ROOT,
    TASKS,
    small_spec,
    write_kubeflow,
    write_vertex,
)


@pytest.mark.parametrize("name", ["mocogan.json", "mocogan.yaml", "mocogan.yml"])
def test_both_forms_are_read(tmp_path: Path, name: str):
    engine, write = (VERTEX, write_vertex) if name.endswith("json") else (KUBEFLOW, write_kubeflow)
    spec = read_spec(write(tmp_path / name), engine)
    assert (spec.pipeline, spec.root, spec.images) == ("mocogan", ROOT, (IMAGE,))
    assert set(spec.tasks) == set(TASKS)
    assert spec.parameters == {"data": "STRING", "steps": "NUMBER_INTEGER"}
    assert spec.labels == ({"team": "video"} if engine == VERTEX else {})


def test_images_of_worker_pools_count(tmp_path: Path):
    spec = small_spec()
    pool = {"containerSpec": {"imageUri": "gcr.io/tfx-oss-public/tfx:1.16.0"}}
    spec["deploymentSpec"]["executors"]["MoCoGanTrainer_executor"] = {
        "customJob": {"customJob": {"jobSpec": {"workerPoolSpecs": [pool]}}}
    }
    with pytest.raises(BadSpec, match="does not contain this project"):
        read_spec(write_vertex(tmp_path / "mocogan.json", spec), VERTEX)


def test_a_file_that_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(
        BadSpec, match=r"cannot read the compiled pipeline .*no\.json: .*No such file"
    ):
        read_spec(tmp_path / "no.json", VERTEX)


@pytest.mark.parametrize("engine", [VERTEX, KUBEFLOW])
def test_a_file_for_the_other_engine_is_an_error(tmp_path: Path, engine: str):
    other = {
        VERTEX: write_kubeflow(tmp_path / "mocogan.yaml"),
        KUBEFLOW: write_vertex(tmp_path / "mocogan.json"),
    }
    with pytest.raises(BadSpec, match=f"Compile it with `mocogan compile --engine {engine}`"):
        read_spec(other[engine], engine)


def test_parameters_have_the_types_of_the_pipeline(tmp_path: Path):
    spec = read_spec(write_vertex(tmp_path / "mocogan.json"), VERTEX)
    assert parameter_values(spec, {"data": "5", "steps": "5"}) == {"data": "5", "steps": 5}
    with pytest.raises(BadSpec, match=r"steps='5\.5' must be a number"):
        parameter_values(spec, {"steps": "5.5"})
