import os

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory
from tfx.components.statistics_gen import executor as statistics_gen
from tfx.types import artifact_utils, standard_artifacts
from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

from mocogan.components.data_validator.anomalies import DataAnomalies
from mocogan.components.data_validator.executor import Executor
from mocogan.components.schema import schema_path
from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record


def example(**changes: int) -> tf.train.Example:
    """A valid example of a clip; `changes` replace int64 features."""
    clip = Clip(np.zeros((4, 8, 8, 3), np.uint8), index=0, start_seconds=0.0)
    made = tf.train.Example.FromString(clip_to_record(clip, b"a.mp4", b"", b""))
    for name, value in changes.items():
        made.features.feature[name].int64_list.value[:] = [value]
    return made


def without(name: str) -> tf.train.Example:
    made = example()
    del made.features.feature[name]
    return made


SPLITS = {
    "train": [example()] * 3,
    "eval": [example()],
    "empty": [],
    "no_label": [without(records.LABEL)] * 2,
    "flat": [example(height=0), example()],
    "many_faults": [example(brightness=3), without(records.FRAMES)],
}


def write_split(folder, split, examples):
    path = folder / "examples" / f"Split-{split}"
    path.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
        for made in examples:
            writer.write(made.SerializeToString())


@pytest.fixture(
    scope="module",
    params=["in memory", pytest.param("StatisticsGen", marks=pytest.mark.exhaustive)],
)
def statistics(request, tmp_path_factory):
    """Of all splits: by TFDV at once, or by TFX's component, which takes long."""
    folder = tmp_path_factory.mktemp("statistics")
    made = standard_artifacts.ExampleStatistics()
    made.uri = str(folder / "statistics")
    if request.param == "in memory":
        write_statistics(folder / "statistics")
    else:
        run_statistics_gen(folder, made)
    return made


def write_statistics(folder):
    for split, examples in SPLITS.items():
        records_of_split = [made.SerializeToString() for made in examples]
        batch = ExamplesToRecordBatchDecoder().DecodeBatch(records_of_split)
        path = folder / f"Split-{split}" / statistics_gen.DEFAULT_FILE_NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(generate_statistics_in_memory(batch).SerializeToString())


def run_statistics_gen(folder, made):
    for split, examples in SPLITS.items():
        write_split(folder, split, examples)
    examples_artifact = standard_artifacts.Examples()
    examples_artifact.uri = str(folder / "examples")
    examples_artifact.split_names = artifact_utils.encode_split_names(list(SPLITS))
    context = statistics_gen.Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    statistics_gen.Executor(context).Do(
        {"examples": [examples_artifact]}, {"statistics": [made]}, {}
    )


@pytest.fixture
def validate(statistics, tmp_path):
    """Runs our validator on these splits; returns the anomalies artifact."""

    def run(*splits):
        chosen = standard_artifacts.ExampleStatistics()
        chosen.uri = statistics.uri
        chosen.split_names = artifact_utils.encode_split_names(list(splits))
        anomalies = standard_artifacts.ExampleAnomalies()
        anomalies.uri = str(tmp_path / "anomalies")
        schema = standard_artifacts.Schema()
        schema.uri = os.path.dirname(schema_path_copy(tmp_path))
        Executor().Do(
            {"statistics": [chosen], "schema": [schema]},
            {"anomalies": [anomalies]},
            {"exclude_splits": "[]"},
        )
        return anomalies

    return run


def schema_path_copy(folder) -> str:
    """The schema alone in a folder, as ImportSchemaGen leaves it."""
    target = folder / "schema" / "schema.pbtxt"
    target.parent.mkdir()
    with open(schema_path(), encoding="utf-8") as file:
        target.write_text(file.read())
    return str(target)


def test_valid_examples_pass(validate):
    assert validate("train", "eval").split_names == '["train", "eval"]'


def test_an_empty_split_is_not_checked(validate):
    assert validate("train", "empty").split_names == '["train"]'


def test_a_missing_feature_stops_with_its_name(validate):
    with pytest.raises(DataAnomalies, match=r"no_label split, feature 'label': .*missing"):
        validate("no_label", "eval")


def test_a_height_of_zero_stops_with_value_and_split(validate):
    with pytest.raises(DataAnomalies, match=r"flat split, feature 'height': .*\b0\b") as caught:
        validate("train", "flat")
    assert "train split" not in str(caught.value)


def test_one_error_names_all_anomalies(validate):
    with pytest.raises(DataAnomalies) as caught:
        validate("many_faults")
    assert "many_faults split, feature 'brightness': " in str(caught.value)
    assert "many_faults split, feature 'frames': " in str(caught.value)
