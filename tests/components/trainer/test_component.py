"""The component's contract, and that it compiles for Kubeflow and Vertex, also with a GPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineDeploymentConfig
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunner,
    KubeflowV2DagRunnerConfig,
)
from tfx.orchestration.pipeline import Pipeline
from tfx.types import Artifact, standard_artifacts

from mocogan.components.artifact_types import GanCheckpoint
from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.trainer.component import MoCoGanTrainer
from mocogan.data.config import IngestConfig

# A function of this project that is cheap to find; what it does is of no matter here.
RUN_FN = "mocogan.data.gif.encode_gif"


def _importer(kind: type[Artifact], name: str) -> Importer:
    return Importer(source_uri=f"/in/{name}", artifact_type=kind).with_id(name)


def _trainer(**settings: object) -> tuple[MoCoGanTrainer, list[object]]:
    examples = _importer(standard_artifacts.Examples, "examples")
    graph = _importer(standard_artifacts.TransformGraph, "graph")
    schema = _importer(standard_artifacts.Schema, "schema")
    trainer = MoCoGanTrainer(
        examples=examples.outputs["result"],
        transform_graph=graph.outputs["result"],
        schema=schema.outputs["result"],
        **(
            {
                "trainer_config": {"run": {"steps": 3}},
                "ingest_config": IngestConfig(fps=8.0, clips_per_video=2),
                "checkpoint_root": "/kept",
                "run_fn": RUN_FN,
            }
            | settings
        ),
    )
    return trainer, [examples, graph, schema, trainer]


def test_contract() -> None:
    trainer, _ = _trainer()
    assert {key: channel.type for key, channel in trainer.outputs.items()} == {
        "model": standard_artifacts.Model,
        "model_run": standard_artifacts.ModelRun,
        "checkpoints": GanCheckpoint,
    }
    assert trainer.exec_properties["run_fn"] == RUN_FN
    assert json.loads(trainer.exec_properties["custom_config"]) == {
        "trainer_config": {"run": {"steps": 3}},
        "ingest_config": {
            "frame_stride": 1,
            "fps": 8.0,
            "resize": "center_crop",
            "resize_filter": "area",
        },
        "checkpoint_root": "/kept",
    }


def test_fingerprint_is_of_the_run_fn_and_the_executor() -> None:
    fingerprint = _trainer()[0].exec_properties["code_fingerprint"]
    assert fingerprint == code_fingerprint(
        "mocogan.data.gif", "mocogan.components.trainer.executor"
    )
    other = _trainer(run_fn="mocogan.data.pixels.to_float")[0]
    assert fingerprint != other.exec_properties["code_fingerprint"]


def test_base_model_is_an_input_where_one_is_given() -> None:
    base = _importer(standard_artifacts.Model, "base")
    trainer, _ = _trainer(base_model=base.outputs["result"])
    assert trainer.inputs["base_model"].type is standard_artifacts.Model
    assert "base_model" not in _trainer()[0].inputs


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"trainer_config": {"run": {1}}}, ValueError, "trainer_config must be JSON"),
        ({"run_fn": "data.nothing.run_fn"}, ModuleNotFoundError, "no module 'data.nothing'"),
        ({"run_fn": "run_fn"}, ModuleNotFoundError, "no module ''"),
    ],
)
def test_wrong_settings_fail_when_the_pipeline_is_built(
    settings: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _trainer(**settings)


@pytest.mark.parametrize("newer_spec", [False, True])
def test_compiles_for_kubeflow_with_a_gpu(tmp_path: Path, newer_spec: bool) -> None:
    trainer, nodes = _trainer()
    spec = PipelineDeploymentConfig.PipelineContainerSpec.ResourceSpec
    trainer.with_platform_config(
        spec(accelerator=spec.AcceleratorConfig(count=1, type="NVIDIA_TESLA_T4"))
    )
    name = f"pipeline.{'yaml' if newer_spec else 'json'}"
    KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(default_image="image", use_pipeline_spec_2_1=newer_spec),
        output_dir=str(tmp_path),
        output_filename=name,
    ).run(
        Pipeline(pipeline_name="test", pipeline_root="/root", components=nodes),
        write_out=True,
    )
    compiled = (tmp_path / name).read_text()
    assert "mocogan.components.trainer.executor.Executor" in compiled
    assert "mocogan.GanCheckpoint" in compiled
    assert "NVIDIA_TESLA_T4" in compiled
