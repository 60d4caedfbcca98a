"""The component's contract, and that it compiles for Kubeflow and Vertex, also with a GPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineDeploymentConfig
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunner,
    KubeflowV2DagRunnerConfig,
)
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.trainer_pb2 import TrainArgs
from tfx.types import Artifact, standard_artifacts
from tfx.utils import proto_utils

from mocogan.components.artifact_types import GanCheckpoint
from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.trainer.component import MoCoGanTrainer
from mocogan.trainer.config import TrainerConfig

# A function of this project that is cheap to find; what it does is of no matter here.
RUN_FN = "mocogan.data.encoding.gif.encode_gif"


def _importer(kind: type[Artifact], name: str) -> Importer:
    return Importer(source_uri=f"/in/{name}", artifact_type=kind).with_id(name)


def _trainer(**settings: object) -> tuple[MoCoGanTrainer, list[object]]:
    examples = _importer(standard_artifacts.Examples, "examples")
    graph = _importer(standard_artifacts.TransformGraph, "graph")
    trainer = MoCoGanTrainer(
        examples=examples.outputs["result"],
        transform_graph=graph.outputs["result"],
        **({"run_fn": RUN_FN} | settings),
    )
    return trainer, [examples, graph, trainer]


def _custom_config(**settings: object) -> dict[str, Any]:
    return json.loads(_trainer(**settings)[0].exec_properties["custom_config"])


def _train_args(**settings: object) -> TrainArgs:
    args = TrainArgs()
    proto_utils.json_to_proto(_trainer(**settings)[0].exec_properties["train_args"], args)
    return args


def _dumped(config: TrainerConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude={"run": {"warm_start"}})


def test_contract() -> None:
    trainer, _ = _trainer()
    assert {key: channel.type for key, channel in trainer.outputs.items()} == {
        "model": standard_artifacts.Model,
        "model_run": standard_artifacts.ModelRun,
        "checkpoints": GanCheckpoint,
    }
    assert set(trainer.inputs) == {"examples", "transform_graph"}
    assert trainer.exec_properties["run_fn"] == RUN_FN


def test_every_option_has_a_default() -> None:
    assert _custom_config() == {
        "trainer_config": _dumped(TrainerConfig()),
        "checkpoint_root": None,
        "log_root": None,
        "log_name": None,
    }


def test_options_and_steps_reach_the_run_fn() -> None:
    settings = {
        "train_args": TrainArgs(splits=["train", "more"], num_steps=7),
        "custom_config": {"run": {"batch_size": 2}},
    }
    expected = TrainerConfig.model_validate({"run": {"batch_size": 2, "steps": 7}})
    folders = {"checkpoint_root": "/kept", "log_root": "/logs", "log_name": "demo-my_videos"}
    assert _custom_config(**settings, **folders) == {
        "trainer_config": _dumped(expected),
        **folders,
    }
    assert _train_args(**settings) == settings["train_args"]


def test_fingerprint_is_of_the_run_fn_and_the_executor() -> None:
    fingerprint = _trainer()[0].exec_properties["code_fingerprint"]
    assert fingerprint == code_fingerprint(
        "mocogan.data.encoding.gif", "mocogan.components.trainer.executor"
    )
    other = _trainer(run_fn="mocogan.data.pixels.to_float")[0]
    assert fingerprint != other.exec_properties["code_fingerprint"]


def test_schema_and_base_model_are_inputs_where_they_are_given() -> None:
    schema = _importer(standard_artifacts.Schema, "schema")
    base = _importer(standard_artifacts.Model, "base")
    trainer, _ = _trainer(schema=schema.outputs["result"], base_model=base.outputs["result"])
    assert trainer.inputs["schema"].type is standard_artifacts.Schema
    assert trainer.inputs["base_model"].type is standard_artifacts.Model


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"custom_config": TrainerConfig()}, ValueError, "custom_config must be a mapping"),
        (
            {"custom_config": {"batch_size": 2}},
            ValueError,
            "unknown key 'custom_config.batch_size'; did you mean custom_config.run.batch_size?",
        ),
        (
            {"custom_config": {"run": {"batch_size": 0}}},
            ValueError,
            "custom_config.run.batch_size=0 must be greater than or equal to 1",
        ),
        (
            {"custom_config": {"run": {"steps": 5}}},
            ValueError,
            r"custom_config.run.steps=5 .* set train_args=TrainArgs\(num_steps=5\)",
        ),
        (
            {"custom_config": {"run": {"warm_start": "latest"}}},
            ValueError,
            r"custom_config\.run\.warm_start=latest belongs to WarmStartFinder\. Remove it, and set base_model",
        ),
        (
            {"train_args": {"num_steps": 5}},
            ValueError,
            "train_args must be a trainer_pb2.TrainArgs",
        ),
        ({"train_args": TrainArgs(num_steps=-1)}, ValueError, "num_steps=-1 must be at least 0"),
        ({"checkpoint_root": ""}, ValueError, "checkpoint_root='' must be a folder, as a str"),
        ({"log_root": ""}, ValueError, "log_root='' must be a folder, as a str"),
        ({"log_name": "my videos"}, ValueError, "log_name='my videos' must have only letters"),
        (
            {"run_fn": json.dumps},
            ValueError,
            "run_fn must be the dotted path of a function, got <f",
        ),
        ({"run_fn": "data.nothing.run_fn"}, ModuleNotFoundError, "no module 'data.nothing'"),
        ({"run_fn": "run_fn"}, ModuleNotFoundError, "no module ''"),
    ],
)
def test_wrong_arguments_fail_when_the_pipeline_is_built(
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
