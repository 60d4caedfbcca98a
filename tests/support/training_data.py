"""What the nodes before the trainer leave: examples of a few clips, and their transform graph."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform.beam as tft_beam
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io, schema_utils

from mocogan.components.schema import schema_path
from mocogan.components.transform.preprocessing import preprocessing_fn
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record


def write_training_data(
    folder: Path, num_frames: int, size: int, labels: Sequence[bytes] = (b"walk", b"run") * 2
) -> None:
    """Writes a clip of noise per label to `folder/examples`, and their `graph` and `schema` beside it.

    The graph has the schema of the raw examples beside it, as TFX's Transform leaves it.
    """
    shape = (num_frames, size, size, 3)
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), *shape), np.uint8)
    examples = [
        clip_to_record(Clip(frames, 0, 0.0), b"%d.mp4" % number, label, b"")
        for number, (frames, label) in enumerate(zip(pixels, labels, strict=True))
    ]
    split = folder / "examples" / "Split-train"
    split.mkdir(parents=True)
    path = str(split / "data_tfrecord-00000-of-00001.gz")
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for example in examples:
            writer.write(example)
    (folder / "schema").mkdir()
    shutil.copy(schema_path(), folder / "schema" / "schema.pbtxt")
    schema = text_format.Parse(Path(schema_path()).read_text("utf-8"), schema_pb2.Schema())
    features = schema_utils.schema_as_feature_spec(schema).feature_spec
    parsed = [tf.io.parse_single_example(example, features) for example in examples]
    rows = [{name: value.numpy() for name, value in row.items()} for row in parsed]
    config = {"num_frames": num_frames, "size": size, "resize_filter": "area"}
    metadata = dataset_metadata.DatasetMetadata(schema)
    with (
        tft_beam.Context(temp_dir=str(folder / "tmp")),
        beam.Pipeline(runner="FnApiRunner") as pipeline,
    ):
        function = functools.partial(preprocessing_fn, custom_config=config)
        created = pipeline | beam.Create(rows)
        analyzed = (created, metadata) | tft_beam.AnalyzeDataset(function)
        _ = analyzed | tft_beam.WriteTransformFn(str(folder / "graph"))
    metadata_io.write_metadata(metadata, str(folder / "graph" / "metadata"))
