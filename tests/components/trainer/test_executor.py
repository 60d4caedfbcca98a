"""The executor with real run functions: what they are given, and what the outputs then tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.proto import trainer_pb2
from tfx.types import Artifact, artifact_utils, standard_artifacts
from tfx.utils import proto_utils

from mocogan.components.artifact_types import GanCheckpoint, WarmStartModel
from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.trainer.executor import Executor
from mocogan.data.config import IngestConfig
from tests.support.constant_model import save_constant

SUMMARY = {
    "steps": 7,
    "seconds": 1.5,
    "losses": {"g_loss": 0.25, "d_loss": 2.0},
    "clips_per_second": 37.0,
    "num_categories": 2,
    "parameters": 1234,
    "clip_shape": [4, 8, 8, 3],
    "device": "CPU",
    "sample_distance": 0.5,
    "rollbacks": 1,
    "verdict": "healthy",
    "examination": {"diversity": 0.75},
    "added_later": "that the component does not know yet",
}


def _export(fn_args: FnArgs) -> None:
    Path(fn_args.serving_model_dir).mkdir(parents=True)


def run_fn(fn_args: FnArgs) -> None:
    """Exports, checkpoints, reports, and notes what it was given."""
    _export(fn_args)
    given = {
        "train": fn_args.train_files,
        "eval": fn_args.eval_files,
        "transform_output": fn_args.transform_output,
        "base_model": fn_args.base_model,
        "custom_config": fn_args.custom_config,
    }
    (Path(fn_args.custom_config["checkpoint_dir"]) / "given.json").write_text(json.dumps(given))
    (Path(fn_args.model_run_dir) / "training_summary.json").write_text(json.dumps(SUMMARY))


def run_fn_without_summary(fn_args: FnArgs) -> None:
    _export(fn_args)


def run_fn_with_nan(fn_args: FnArgs) -> None:
    _export(fn_args)
    summary = SUMMARY | {"losses": {"g_loss": float("nan")}}
    (Path(fn_args.model_run_dir) / "training_summary.json").write_text(json.dumps(summary))


def _artifact(kind: type[Artifact], folder: Path, name: str) -> Artifact:
    artifact = kind()
    artifact.uri = str(folder / name)
    (folder / name).mkdir()
    return artifact


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    examples = _artifact(standard_artifacts.Examples, tmp_path, "examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    options = IngestConfig(fps=8.0, clips_per_video=2, eval_fraction=0.3)
    examples.set_string_custom_property("ingest_config", options.model_dump_json())
    schema = _artifact(standard_artifacts.Schema, tmp_path, "schema")
    (tmp_path / "schema" / "schema.pbtxt").touch()
    graph = _artifact(standard_artifacts.TransformGraph, tmp_path, "graph")
    return {"examples": [examples], "schema": [schema], "transform_graph": [graph]}


@pytest.fixture
def outputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    kinds = {
        "model": standard_artifacts.Model,
        "model_run": standard_artifacts.ModelRun,
        "checkpoints": GanCheckpoint,
    }
    return {name: [_artifact(kind, tmp_path, name)] for name, kind in kinds.items()}


def _properties(
    function: Callable[[FnArgs], None], checkpoint_root: str | None = "/kept"
) -> dict[str, str]:
    return {
        "run_fn": f"{function.__module__}.{function.__name__}",
        "custom_config": json.dumps(
            {
                "trainer_config": {"run": {"steps": 7}},
                "checkpoint_root": checkpoint_root,
                "log_root": checkpoint_root and "/logs",
                "log_name": "demo-my_videos",
            }
        ),
        "train_args": proto_utils.proto_to_json(trainer_pb2.TrainArgs(splits=["train"])),
        "eval_args": proto_utils.proto_to_json(trainer_pb2.EvalArgs(splits=["eval"])),
        "code_fingerprint": "abc",
    }


@pytest.mark.parametrize(
    ("properties", "base_model", "base"),
    [
        ({"warm_start": "none"}, False, None),
        (
            {
                "warm_start": "found",
                "model_sha256": "ab" * 32,
                "pushed_destination": "/pushed/17",
                "pushed_version": "17",
            },
            True,
            {"model_sha256": "ab" * 32, "folder": "/pushed/17"},
        ),
        (
            {"warm_start": "gone", "model_sha256": "ab" * 8},
            False,
            {"model_sha256": "ab" * 8, "folder": None},
        ),
    ],
    ids=["none", "found", "gone"],
)
def test_run_fn_learns_which_model_it_starts_from(
    tmp_path: Path,
    inputs: dict[str, list[Artifact]],
    outputs: dict[str, list[Artifact]],
    properties: dict[str, str],
    base_model: bool,
    base: dict[str, str | None] | None,
) -> None:
    artifact = _artifact(WarmStartModel, tmp_path, "base")
    for name, value in properties.items():
        artifact.set_string_custom_property(name, value)
    Executor().Do(inputs | {"base_model": [artifact]}, outputs, dict(_properties(run_fn)))
    given = json.loads((tmp_path / "checkpoints" / "given.json").read_text())
    assert bool(given["base_model"]) == base_model
    assert given["custom_config"]["base"] == base


def test_run_fn_gets_files_options_and_a_checkpoint_folder(
    tmp_path: Path, inputs: dict[str, list[Artifact]], outputs: dict[str, list[Artifact]]
) -> None:
    base = _artifact(standard_artifacts.Model, tmp_path, "base")
    saved = save_constant(tmp_path / "base", 1)
    properties = _properties(run_fn)
    Executor().Do(inputs | {"base_model": [base]}, outputs, dict(properties))
    given = json.loads((tmp_path / "checkpoints" / "given.json").read_text())
    assert given == {
        "train": [str(tmp_path / "examples" / "Split-train" / "*")],
        "eval": [str(tmp_path / "examples" / "Split-eval" / "*")],
        "transform_output": str(tmp_path / "graph"),
        "base_model": str(tmp_path / "base" / "Format-Serving"),
        "custom_config": {
            "trainer_config": {"run": {"steps": 7}},
            "ingest_config": {
                "frame_stride": 1,
                "fps": 8.0,
                "resize": "center_crop",
                "resize_filter": "area",
            },
            "checkpoint_root": "/kept",
            "log_root": "/logs",
            "log_name": "demo-my_videos",
            "checkpoint_dir": str(tmp_path / "checkpoints"),
            "code_fingerprint": "abc",
            "base": {"model_sha256": model_sha256(saved), "folder": saved},
        },
    }
    assert (tmp_path / "model" / "Format-Serving").is_dir()


def test_checkpoints_and_logs_are_kept_beside_the_outputs_by_default(
    tmp_path: Path, inputs: dict[str, list[Artifact]], outputs: dict[str, list[Artifact]]
) -> None:
    (tmp_path / "MoCoGanTrainer" / "checkpoints").mkdir(parents=True)
    output = _artifact(GanCheckpoint, tmp_path, "MoCoGanTrainer/checkpoints/7")
    properties = _properties(run_fn, checkpoint_root=None)
    Executor().Do(inputs, outputs | {"checkpoints": [output]}, properties)
    given = json.loads(Path(output.uri, "given.json").read_text())["custom_config"]
    assert given["checkpoint_root"] == str(tmp_path / "MoCoGanTrainer" / "kept_checkpoints")
    assert given["log_root"] == str(tmp_path / "MoCoGanTrainer" / "kept_logs")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "",
            r"have no property 'ingest_config'.*Importer, set custom_properties=\{'ingest_config': '\{\}'\}",
        ),
        ('{"fps": -1}', r"the property 'ingest_config' of .*/examples is not valid: .*\nfps\n"),
    ],
)
def test_examples_must_tell_how_their_clips_were_cut(
    inputs: dict[str, list[Artifact]],
    outputs: dict[str, list[Artifact]],
    options: str,
    message: str,
) -> None:
    inputs["examples"][0].set_string_custom_property("ingest_config", options)
    with pytest.raises(ValueError, match=message):
        Executor().Do(inputs, outputs, _properties(run_fn))


def test_examples_of_several_spans_must_be_cut_in_one_way(
    tmp_path: Path, inputs: dict[str, list[Artifact]], outputs: dict[str, list[Artifact]]
) -> None:
    more = _artifact(standard_artifacts.Examples, tmp_path, "more")
    more.split_names = inputs["examples"][0].split_names
    inputs["examples"].append(more)
    more.set_string_custom_property("ingest_config", '{"fps": 8, "seed": 5}')
    Executor().Do(inputs, outputs, _properties(run_fn))

    more.set_string_custom_property("ingest_config", '{"fps": 4}')
    with pytest.raises(ValueError, match=r"in different ways: .*'fps': 8.0.*'fps': 4.0"):
        Executor().Do(inputs, outputs, _properties(run_fn))


def test_every_output_tells_how_it_was_trained(
    inputs: dict[str, list[Artifact]], outputs: dict[str, list[Artifact]]
) -> None:
    Executor().Do(inputs, outputs, _properties(run_fn))
    for (artifact,) in outputs.values():
        assert artifact.get_int_custom_property("steps") == 7
        assert artifact.get_float_custom_property("seconds") == 1.5
        assert artifact.get_float_custom_property("loss_g_loss") == 0.25
        assert artifact.get_float_custom_property("loss_d_loss") == 2.0
        assert artifact.get_string_custom_property("clip_shape") == "4x8x8x3"
        assert artifact.get_int_custom_property("parameters") == 1234
        assert artifact.get_string_custom_property("device") == "CPU"
        assert artifact.get_float_custom_property("sample_distance") == 0.5
        assert artifact.get_int_custom_property("rollbacks") == 1
        assert artifact.get_string_custom_property("verdict") == "healthy"
        assert artifact.get_string_custom_property("code_fingerprint") == "abc"
        assert json.loads(artifact.get_string_custom_property("trainer_config")) == {
            "run": {"steps": 7}
        }


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (run_fn_without_summary, "run_fn did not write .*training_summary.json"),
        (run_fn_with_nan, "losses.g_loss\n.*finite number"),
    ],
)
def test_a_run_without_a_valid_summary_fails(
    inputs: dict[str, list[Artifact]],
    outputs: dict[str, list[Artifact]],
    function: Callable[[FnArgs], None],
    message: str,
) -> None:
    with pytest.raises(RuntimeError, match=message):
        Executor().Do(inputs, outputs, _properties(function))
