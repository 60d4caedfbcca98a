"""Real artifacts in, real artifacts out: as the local engine runs it, and as Kubeflow's entry point does."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import dataset_metadata
from tfx.components.pusher.executor import Executor as PusherExecutor
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor
from tfx.types import Artifact, artifact_utils, standard_artifacts

from mocogan.components.transform.preprocessing import preprocessing_fn
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.executor import Executor
from mocogan.components.video_evaluator.reference import read_reference
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record

CONFIG = EvaluatorConfig(num_clips=12, gif_clips=4)
SCHEMA_FILE = Path(__file__).parents[3] / "components" / "schema" / "schema.pbtxt"


@pytest.fixture(scope="module")
def transform_graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The graph Transform would write for clips of 4 frames of 16x16."""
    folder = tmp_path_factory.mktemp("transform")
    schema = text_format.Parse(SCHEMA_FILE.read_text(), schema_pb2.Schema())
    metadata = dataset_metadata.DatasetMetadata(schema)
    config = {"num_frames": 4, "size": 16, "resize_filter": "area"}
    row = {
        records.VIDEO_ID: [b"a.mp4"],
        records.LABEL: [b""],
        records.CAPTION: [b""],
        records.FRAMES: [bytes(4 * 16 * 16 * 3)],
        records.NUM_FRAMES: [4],
        records.HEIGHT: [16],
        records.WIDTH: [16],
        records.CLIP_INDEX: [0],
        records.START_SECONDS: [0.0],
    }
    graph = folder / "graph"
    with (
        beam.Pipeline(runner=FnApiRunner()) as pipeline,
        tft_beam.Context(temp_dir=str(folder / "temp")),
    ):
        rows = pipeline | beam.Create([row])
        transform_fn = (rows, metadata) | tft_beam.AnalyzeDataset(
            lambda inputs: preprocessing_fn(inputs, config)
        )
        _ = transform_fn | tft_beam.WriteTransformFn(str(graph))
        _ = metadata | tft_beam.WriteMetadata(
            str(graph / tft.TFTransformOutput.RAW_METADATA_DIR), pipeline=pipeline
        )
    return str(graph)


def _write_split(folder: Path, split: str, clips: np.ndarray) -> None:
    (folder / f"Split-{split}").mkdir(parents=True)
    path = folder / f"Split-{split}" / "data_tfrecord-00000-of-00001.gz"
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for index, frames in enumerate(clips):
            writer.write(clip_to_record(Clip(frames, index, 0.0), b"a.mp4", b"", b""))


def _artifact(kind: type[Artifact], number: int, uri: Path | str) -> Artifact:
    artifact = kind()
    artifact.id, artifact.uri = number, str(uri)
    Path(uri).mkdir(parents=True, exist_ok=True)
    return artifact


@pytest.fixture
def examples(tmp_path: Path, real_clips: Callable[..., np.ndarray]) -> Artifact:
    """Ten train clips and nine eval clips."""
    artifact = _artifact(standard_artifacts.Examples, 1, tmp_path / "examples")
    artifact.split_names = artifact_utils.encode_split_names(["train", "eval"])
    _write_split(tmp_path / "examples", "train", real_clips(10, speed=4))
    _write_split(tmp_path / "examples", "eval", real_clips(9))
    return artifact


def _model(models: dict[str, str], name: str, number: int, folder: Path) -> Artifact:
    """The SavedModel as the trainer leaves it."""
    artifact = _artifact(standard_artifacts.Model, number, folder / name)
    (folder / name / "Format-Serving").symlink_to(models[name])
    return artifact


def _outputs(folder: Path) -> dict[str, list[Artifact]]:
    return {
        "evaluation": [_artifact(standard_artifacts.ModelEvaluation, 8, folder / "evaluation")],
        "blessing": [_artifact(standard_artifacts.ModelBlessing, 9, folder / "blessing")],
    }


def test_do_writes_evaluation_and_blessing(
    tmp_path: Path, models: dict[str, str], examples: Artifact, transform_graph: str
) -> None:
    outputs = _outputs(tmp_path)
    Executor().Do(
        {
            "examples": [examples],
            "transform_graph": [_artifact(standard_artifacts.TransformGraph, 2, transform_graph)],
            "model": [_model(models, "squares", 3, tmp_path)],
            "baseline_model": [_model(models, "fast", 4, tmp_path)],
        },
        outputs,
        {"config": CONFIG.model_dump_json(), "code_fingerprint": "abc"},
    )
    report = EvaluationReport.model_validate_json(
        (tmp_path / "evaluation" / "metrics.json").read_text()
    )
    assert report.gate.summary == "blessed"
    assert (report.protocol.reference, report.protocol.real_clips) == ("eval", 9)
    assert report.candidate is not None
    assert report.baseline is not None
    assert (tmp_path / "evaluation" / "grid.gif").exists()

    evaluation, blessing = outputs["evaluation"][0], outputs["blessing"][0]
    assert evaluation.get_float_custom_property("motion_ratio") == report.candidate["motion_ratio"]
    assert evaluation.get_int_custom_property("blessed") == 1
    assert evaluation.get_string_custom_property("code_fingerprint") == "abc"
    assert blessing.get_int_custom_property("blessed") == 1
    assert blessing.get_int_custom_property("current_model_id") == 3
    assert blessing.get_string_custom_property("current_model") == str(tmp_path / "squares")
    assert blessing.get_int_custom_property("baseline_model_id") == 4
    assert blessing.get_string_custom_property("baseline_model") == str(tmp_path / "fast")
    assert [path.name for path in (tmp_path / "blessing").iterdir()] == ["BLESSED"]
    assert PusherExecutor().CheckBlessing({"model_blessing": [blessing]})


def test_kubeflow_entry_point_keeps_the_names_of_the_models(
    tmp_path: Path, models: dict[str, str], examples: Artifact, transform_graph: str
) -> None:
    def runtime(artifact: Artifact, **metadata: str) -> dict[str, object]:
        return {
            "artifacts": [
                {
                    "name": f"projects/p/artifacts/{artifact.id}",
                    "uri": artifact.uri,
                    "type": {"instanceSchema": f"title: tfx.{artifact.type_name}"},
                    "metadata": metadata,
                }
            ]
        }

    outputs = _outputs(tmp_path)
    graph = _artifact(standard_artifacts.TransformGraph, 2, transform_graph)
    executor_input = {
        "inputs": {
            "artifacts": {
                "examples": runtime(examples, split_names=examples.split_names),
                "transform_graph": runtime(graph),
                "model": runtime(_model(models, "collapsed", 3, tmp_path)),
            },
            "parameters": {
                "config": {"stringValue": CONFIG.model_dump_json()},
                "code_fingerprint": {"stringValue": "abc"},
            },
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
    assert blessing["summary"].startswith("not blessed: diversity_ratio 0 < 0.1")
    assert (tmp_path / "blessing" / "NOT_BLESSED").exists()


def test_reference_is_the_eval_split_shuffled_by_seed(
    examples: Artifact, transform_graph: str, real_clips: Callable[..., np.ndarray]
) -> None:
    files = {
        split: [str(path) for path in Path(examples.uri, f"Split-{split}").iterdir()]
        for split in ("train", "eval")
    }
    reference = read_reference(files, transform_graph, num_clips=6, seed=1)
    known = {clip.tobytes() for clip in real_clips(9)}
    assert (reference.split, reference.note) == ("eval", "")
    assert reference.clips.dtype == np.uint8
    assert len({clip.tobytes() for clip in reference.clips} & known) == 6
    again = read_reference(files, transform_graph, num_clips=6, seed=1)
    np.testing.assert_array_equal(reference.clips, again.clips)
    others = [read_reference(files, transform_graph, 6, seed).clips for seed in range(2, 6)]
    assert any(not np.array_equal(reference.clips, other) for other in others)


@pytest.mark.parametrize("eval_files", ["none", "empty"])
def test_reference_falls_back_to_train_and_says_so(
    tmp_path: Path, examples: Artifact, transform_graph: str, eval_files: str
) -> None:
    train = [str(path) for path in Path(examples.uri, "Split-train").iterdir()]
    _write_split(tmp_path, "eval", np.empty((0, 4, 16, 16, 3), np.uint8))
    empty = [str(path) for path in (tmp_path / "Split-eval").iterdir()]
    files = {"train": train, "eval": empty if eval_files == "empty" else []}
    reference = read_reference(files, transform_graph, num_clips=64, seed=0)
    assert reference.split == "train"
    assert len(reference.clips) == 10
    assert reference.note.startswith("the eval split is empty")
    with pytest.raises(ValueError, match="the eval and train splits hold no clips"):
        read_reference({"train": empty, "eval": empty}, transform_graph, num_clips=64, seed=0)
