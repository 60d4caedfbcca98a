"""Real artifacts in, real artifacts out: as the local engine runs it, and as Kubeflow's entry point does."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tfx.components.pusher.executor import Executor as PusherExecutor
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor
from tfx.types import Artifact, artifact_utils, standard_artifacts

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.executor import Executor
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.components.video_evaluator.sampling import OutputContractError

Models = Callable[[str], str]


def artifact(kind: type[Artifact], number: int, uri: Path, exists: bool = True) -> Artifact:
    """An artifact. Kubeflow and Vertex make no folders for outputs: `exists` is false for these."""
    made = kind()
    made.id, made.uri = number, str(uri)
    if exists:
        uri.mkdir(parents=True, exist_ok=True)
    return made


def examples_of(splits) -> Artifact:
    """The artifact that holds the files."""
    folder = Path(splits.files["eval"][0]).parents[1]
    examples = artifact(standard_artifacts.Examples, 1, folder)
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return examples


@pytest.fixture
def model(models: Models, tmp_path: Path) -> Callable[[str, int], Artifact]:
    """(name, id) -> the SavedModel as the trainer leaves it."""

    def make(name: str, number: int) -> Artifact:
        folder = tmp_path / name
        made = artifact(standard_artifacts.Model, number, folder)
        (folder / "Format-Serving").symlink_to(models(name))
        return made

    return make


@pytest.fixture
def outputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    return {
        "evaluation": [
            artifact(standard_artifacts.ModelEvaluation, 8, tmp_path / "evaluation", False)
        ],
        "blessing": [artifact(standard_artifacts.ModelBlessing, 9, tmp_path / "blessing", False)],
    }


@pytest.fixture
def properties(config: EvaluatorConfig, tmp_path: Path) -> dict[str, str]:
    """The parameters of an execution."""
    return {
        "config": config.model_dump_json(),
        "cache_folder": str(tmp_path / "cache"),
        "code_fingerprint": "abc",
    }


def read_report(folder: Path) -> EvaluationReport:
    path = folder / "evaluation" / "evaluation.json"
    return EvaluationReport.model_validate_json(path.read_text("utf-8"))


def test_do_writes_evaluation_and_blessing(
    tmp_path: Path, model, splits, outputs: dict[str, list[Artifact]], properties: dict[str, str]
) -> None:
    Executor().Do(
        {
            "examples": [examples_of(splits)],
            "model": [model("squares", 3)],
            "baseline_model": [model("gray", 4)],
        },
        outputs,
        properties,
    )
    report = read_report(tmp_path)
    assert report.verdict.blessed
    assert (report.protocol.split, report.protocol.real_clips) == ("eval", 24)
    assert report.baseline is not None
    assert (tmp_path / "evaluation" / "galleries" / "generated.gif").exists()
    assert list((tmp_path / "cache").glob("*.npz"))

    evaluation, blessing = outputs["evaluation"][0], outputs["blessing"][0]
    change = report.metrics["change"].value
    assert evaluation.get_float_custom_property("change") == pytest.approx(change)
    assert not evaluation.has_custom_property("fvd")  # it was not measured
    assert evaluation.get_string_custom_property("reason") == report.verdict.reason
    assert evaluation.get_string_custom_property("split") == "eval"
    assert evaluation.get_string_custom_property("code_fingerprint") == "abc"
    numbers = {"blessed": 1, "real_clips": 24, "generated_clips": 24, "seed": 0}
    assert {name: evaluation.get_int_custom_property(name) for name in numbers} == numbers

    assert blessing.get_int_custom_property("blessed") == 1
    assert blessing.get_string_custom_property("reason") == report.verdict.reason
    assert blessing.get_int_custom_property("current_model_id") == 3
    assert blessing.get_string_custom_property("current_model") == str(tmp_path / "squares")
    assert blessing.get_int_custom_property("baseline_model_id") == 4
    assert blessing.get_string_custom_property("baseline_model") == str(tmp_path / "gray")
    assert [path.name for path in (tmp_path / "blessing").iterdir()] == ["BLESSED"]
    assert PusherExecutor().CheckBlessing({"model_blessing": [blessing]})


def test_a_model_that_breaks_the_contract_is_not_blessed_and_the_report_says_why(
    tmp_path: Path,
    model,
    labeled_splits,
    outputs: dict[str, list[Artifact]],
    properties: dict[str, str],
) -> None:
    inputs = {
        "examples": [examples_of(labeled_splits)],
        "model": [model("classless", 3)],
        "baseline_model": [],
    }
    Executor().Do(inputs, outputs, properties)
    assert "no such class" in read_report(tmp_path).verdict.reason
    blessing = outputs["blessing"][0]
    assert blessing.get_int_custom_property("blessed") == 0
    assert "no such class" in blessing.get_string_custom_property("reason")
    assert not blessing.has_custom_property("baseline_model")
    assert [path.name for path in (tmp_path / "blessing").iterdir()] == ["NOT_BLESSED"]
    assert not PusherExecutor().CheckBlessing({"model_blessing": [blessing]})


def test_features_are_kept_beside_the_outputs_by_default(
    tmp_path: Path, model, splits, outputs: dict[str, list[Artifact]], properties: dict[str, str]
) -> None:
    del properties["cache_folder"]
    node = tmp_path / "VideoEvaluator"
    outputs["evaluation"] = [
        artifact(standard_artifacts.ModelEvaluation, 8, node / "evaluation" / "8")
    ]
    Executor().Do(
        {"examples": [examples_of(splits)], "model": [model("gray", 3)]}, outputs, properties
    )
    assert list((node / "kept_features").glob("*.npz"))


def test_a_model_that_does_not_load_fails_the_node(
    tmp_path: Path, splits, outputs: dict[str, list[Artifact]], properties: dict[str, str]
) -> None:
    missing = artifact(standard_artifacts.Model, 3, tmp_path / "missing")
    inputs = {"examples": [examples_of(splits)], "model": [missing]}
    with pytest.raises(OutputContractError, match="is not a SavedModel that loads"):
        Executor().Do(inputs, outputs, properties)
    assert not (tmp_path / "blessing").exists()


def test_a_model_of_another_signature_is_not_blessed(
    tmp_path: Path, model, splits, outputs: dict[str, list[Artifact]], properties: dict[str, str]
) -> None:
    inputs = {"examples": [examples_of(splits)], "model": [model("foreign", 3)]}
    Executor().Do(inputs, outputs, properties)
    (blessing,), (evaluation,) = outputs["blessing"], outputs["evaluation"]
    assert blessing.get_int_custom_property("blessed") == 0
    assert [path.name for path in (tmp_path / "blessing").iterdir()] == ["NOT_BLESSED"]
    text = Path(evaluation.uri, "evaluation.json").read_text("utf-8")
    assert "must take num_clips" in EvaluationReport.model_validate_json(text).verdict.reason


def test_kubeflow_entry_point_keeps_the_names_of_the_models(
    tmp_path: Path, model, splits, outputs: dict[str, list[Artifact]], properties: dict[str, str]
) -> None:
    def runtime(given: Artifact, **metadata: str) -> dict[str, object]:
        return {
            "artifacts": [
                {
                    "name": f"projects/p/artifacts/{given.id}",
                    "uri": given.uri,
                    "type": {"instanceSchema": f"title: tfx.{given.type_name}"},
                    "metadata": metadata,
                }
            ]
        }

    examples = examples_of(splits)
    executor_input = {
        "inputs": {
            "artifacts": {
                "examples": runtime(examples, split_names=examples.split_names),
                "model": runtime(model("collapsed", 3)),
            },
            "parameters": {name: {"stringValue": value} for name, value in properties.items()},
        },
        "outputs": {
            "artifacts": {key: runtime(value[0]) for key, value in outputs.items()},
            "outputFile": str(tmp_path / "task" / "executor_output.json"),
        },
    }
    kubeflow_v2_run_executor.main(
        (
            argparse.Namespace(
                executor_class_path="mocogan.components.video_evaluator.executor.Executor",
                json_serialized_invocation_args=json.dumps(executor_input),
            ),
            ["--runner=FnApiRunner"],
        )
    )
    written = json.loads((tmp_path / "task" / "executor_output.json").read_text())["artifacts"]
    blessing = written["blessing"]["artifacts"][0]["metadata"]
    assert blessing["current_model_id"] == "projects/p/artifacts/3"
    assert blessing["blessed"] == 0
    assert blessing["reason"].startswith("not blessed: two seeds give the same clip")
    assert (tmp_path / "blessing" / "NOT_BLESSED").exists()
