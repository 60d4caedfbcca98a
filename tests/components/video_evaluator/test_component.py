"""The component's contract, and that it compiles for Kubeflow and Vertex with a baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx.components.evaluator.executor import Executor as TfxEvaluatorExecutor
from tfx.components.pusher.component import Pusher
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunner,
    KubeflowV2DagRunnerConfig,
)
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import Artifact, standard_artifacts

from mocogan.components.baseline.component import BaselineFinder
from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.video_evaluator.component import VideoEvaluator
from mocogan.components.video_evaluator.config import EvaluatorConfig


def _importer(kind: type[Artifact], name: str) -> Importer:
    return Importer(source_uri=f"/in/{name}", artifact_type=kind).with_id(name)


def _nodes(**settings: object) -> tuple[VideoEvaluator, list[object]]:
    examples = _importer(standard_artifacts.Examples, "examples")
    model = _importer(standard_artifacts.Model, "candidate")
    baseline = BaselineFinder(candidate=model.outputs["result"], serving_model_dir="/out")
    evaluator = VideoEvaluator(
        examples=examples.outputs["result"],
        model=model.outputs["result"],
        baseline_model=baseline.outputs["baseline_model"],
        **settings,
    )
    pusher = Pusher(
        model=model.outputs["result"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=PushDestination(
            filesystem=PushDestination.Filesystem(base_directory="/out")
        ),
    )
    return evaluator, [examples, model, baseline, evaluator, pusher]


def test_contract() -> None:
    evaluator, _ = _nodes()
    assert {key: channel.type for key, channel in evaluator.outputs.items()} == {
        "evaluation": standard_artifacts.ModelEvaluation,
        "blessing": standard_artifacts.ModelBlessing,
    }
    assert EvaluatorConfig.model_validate_json(evaluator.exec_properties["config"]) == (
        EvaluatorConfig()
    )
    assert evaluator.exec_properties["cache_folder"] is None
    assert evaluator.exec_properties["code_fingerprint"] == code_fingerprint(
        "mocogan.components.video_evaluator.executor"
    )
    assert issubclass(evaluator.executor_spec.executor_class, TfxEvaluatorExecutor)


def test_any_model_can_be_the_baseline() -> None:
    channels = {
        name: _importer(kind, name).outputs["result"]
        for name, kind in (
            ("examples", standard_artifacts.Examples),
            ("model", standard_artifacts.Model),
            ("baseline_model", standard_artifacts.Model),
        )
    }
    evaluator = VideoEvaluator(**channels)
    assert evaluator.inputs["baseline_model"].type is standard_artifacts.Model


def test_options_and_the_cache_folder_reach_the_executor() -> None:
    evaluator, _ = _nodes(custom_config={"seed": 5}, cache_folder="/cache")
    assert json.loads(evaluator.exec_properties["config"])["seed"] == 5
    assert evaluator.exec_properties["cache_folder"] == "/cache"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"custom_config": EvaluatorConfig()}, "custom_config must be a mapping with keys such as"),
        ({"custom_config": {"clips": 8}}, "'custom_config.clips'; did you mean custom_config.num_"),
        ({"custom_config": {"num_clips": 1}}, "custom_config.num_clips=1 must be greater than"),
        ({"cache_folder": ""}, "cache_folder='' must be a folder, as a string"),
        ({"cache_folder": Path("/c")}, r"cache_folder=PosixPath\('/c'\) must be a folder, as a"),
    ],
)
def test_wrong_arguments_fail_when_the_pipeline_is_built(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _nodes(**settings)


@pytest.mark.parametrize("newer_spec", [False, True])
def test_compiles_for_kubeflow(tmp_path: Path, newer_spec: bool) -> None:
    name = f"pipeline.{'yaml' if newer_spec else 'json'}"
    KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(default_image="image", use_pipeline_spec_2_1=newer_spec),
        output_dir=str(tmp_path),
        output_filename=name,
    ).run(
        Pipeline(pipeline_name="test", pipeline_root="/root", components=_nodes()[1]),
        write_out=True,
    )
    compiled = (tmp_path / name).read_text()
    assert "mocogan.components.video_evaluator.executor.Executor" in compiled
    assert "resolver" not in compiled  # Kubeflow runs none
