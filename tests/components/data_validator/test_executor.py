import os

import numpy as np
import pytest
import tensorflow as tf
from tfx.components.statistics_gen import executor as statistics_gen
from tfx.types import artifact_utils, standard_artifacts

from components.data_validator.anomalies import DataAnomalies
from components.data_validator.executor import Executor
from components.schema import schema_path
from data import records
from data.clip import Clip


def example(**changes: int) -> tf.train.Example:
    """A sound clip's example, with int64 features set as told."""
    clip = Clip(np.zeros((4, 8, 8, 3), np.uint8), index=0, start_seconds=0.0)
    made = tf.train.Example.FromString(records.clip_to_record(clip, b"a.mp4", b"", b""))
    for name, value in changes.items():
        made.features.feature[name].int64_list.value[:] = [value]
    return made


def without(name: str) -> tf.train.Example:
    made = example()
    del made.features.feature[name]
    return made


def write_split(folder, split, examples):
    path = folder / "examples" / f"Split-{split}"
    path.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
        for made in examples:
            writer.write(made.SerializeToString())


def validate(folder, **examples_by_split):
    """Runs TFX's StatisticsGen and our validator on the splits; returns the anomalies artifact."""
    for split, examples in examples_by_split.items():
        write_split(folder, split, examples)
    split_names = artifact_utils.encode_split_names(list(examples_by_split))
    examples_artifact = standard_artifacts.Examples()
    examples_artifact.uri = str(folder / "examples")
    examples_artifact.split_names = split_names
    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri = str(folder / "statistics")
    context = statistics_gen.Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    statistics_gen.Executor(context).Do(
        {"examples": [examples_artifact]}, {"statistics": [statistics]}, {}
    )
    anomalies = standard_artifacts.ExampleAnomalies()
    anomalies.uri = str(folder / "anomalies")
    schema = standard_artifacts.Schema()
    schema.uri = os.path.dirname(schema_path_copy(folder))
    Executor().Do(
        {"statistics": [statistics], "schema": [schema]},
        {"anomalies": [anomalies]},
        {"exclude_splits": "[]"},
    )
    return anomalies


def schema_path_copy(folder) -> str:
    """The schema alone in a folder, as ImportSchemaGen leaves it."""
    target = folder / "schema" / "schema.pbtxt"
    target.parent.mkdir()
    with open(schema_path(), encoding="utf-8") as file:
        target.write_text(file.read())
    return str(target)


def test_sound_examples_pass(tmp_path):
    anomalies = validate(tmp_path, train=[example()] * 3, eval=[example()])
    assert anomalies.split_names == '["train", "eval"]'


def test_an_empty_split_is_not_judged(tmp_path):
    anomalies = validate(tmp_path, train=[example()], eval=[])
    assert anomalies.split_names == '["train"]'


def test_a_missing_feature_stops_with_its_name(tmp_path):
    with pytest.raises(DataAnomalies, match=r"train split, feature 'label': .*missing"):
        validate(tmp_path, train=[without(records.LABEL)] * 2, eval=[example()])


def test_a_height_of_zero_stops_with_value_and_split(tmp_path):
    with pytest.raises(DataAnomalies, match=r"eval split, feature 'height': .*\b0\b") as caught:
        validate(tmp_path, train=[example()], eval=[example(height=0), example()])
    assert "train split" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(DataAnomalies) as caught:
        validate(tmp_path, train=[example(brightness=3), without(records.FRAMES)])
    assert "train split, feature 'brightness': " in str(caught.value)
    assert "train split, feature 'frames': " in str(caught.value)
