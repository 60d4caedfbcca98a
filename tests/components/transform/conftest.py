"""tf.Transform's analysis of a few examples, and the layer that a trainer gets from it."""

import functools
from pathlib import Path

import apache_beam as beam
import pytest
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from mocogan.components.schema import schema_path
from mocogan.components.transform.preprocessing import preprocessing_fn

SCHEMA = text_format.Parse(Path(schema_path()).read_text("utf-8"), schema_pb2.Schema())
RAW_FEATURES = schema_utils.schema_as_feature_spec(SCHEMA).feature_spec


@pytest.fixture(scope="session")
def analyze(tmp_path_factory):
    """Serialized examples -> the transform graph of an analysis of them."""

    def run(
        examples, num_frames, size, resize_filter="area", **options: bool
    ) -> tft.TFTransformOutput:
        folder = tmp_path_factory.mktemp("transform")
        instances = [
            {
                name: value.numpy()
                for name, value in tf.io.parse_single_example(example, RAW_FEATURES).items()
            }
            for example in examples
        ]
        config = {"num_frames": num_frames, "size": size, "resize_filter": resize_filter, **options}
        with (
            tft_beam.Context(temp_dir=str(folder / "tmp")),
            beam.Pipeline(runner="FnApiRunner") as pipeline,
        ):
            data = (pipeline | beam.Create(instances), dataset_metadata.DatasetMetadata(SCHEMA))
            function = data | tft_beam.AnalyzeDataset(
                functools.partial(preprocessing_fn, custom_config=config)
            )
            _ = function | tft_beam.WriteTransformFn(str(folder / "graph"))
        return tft.TFTransformOutput(str(folder / "graph"))

    return run


@pytest.fixture(scope="session")
def transformed():
    """Serialized examples -> one batch of them, through the transform layer inside tf.data."""

    def run(output: tft.TFTransformOutput, examples):
        layer = output.transform_features_layer()
        dataset = (
            tf.data.Dataset.from_tensor_slices(examples)
            .batch(len(examples))
            .map(lambda batch: layer(tf.io.parse_example(batch, RAW_FEATURES)))
        )
        assert dataset.element_spec["clip"].shape[1:].is_fully_defined()
        return next(dataset.as_numpy_iterator())

    return run
