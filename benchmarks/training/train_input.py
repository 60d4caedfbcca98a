"""Measures the speed and CPU time of the training input, from memory and from files."""

from __future__ import annotations

import functools
import itertools
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io, schema_utils

from mocogan.components.schema import schema_path
from mocogan.components.transform.preprocessing import preprocessing_fn
from mocogan.data.input.batches import ClipSource
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.tfrecord import TFRecordWriter
from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames

_CLIPS = 400
_NUM_FRAMES, _SIZE = 16, 64
_NOISE = (
    4  # +- gray levels; without noise, gzip shrinks drawn shapes to 1/20 of the size of real clips
)
_MEMORY_BYTES = _CLIPS * _NUM_FRAMES * _SIZE * _SIZE * 3
_BATCH_SIZE = 16
_BATCHES = {"memory": 500, "files": 2 * _CLIPS // _BATCH_SIZE}
_ROUNDS = 3


def measure_input() -> dict[str, float]:
    """Measures shuffled batches of 16 clips [16, 64, 64, 3].

    Returns clips per second and CPU milliseconds per clip: `clips_per_second_from_memory`,
    `cpu_ms_per_clip_from_memory`, and the same keys with `_from_files`. They are medians of three rounds in turn.
    `clips_per_second_into_memory` is the speed of the first reading, which fills the memory.
    """
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as folder:
        files, graph = _make_data(Path(folder))
        features, transform = graph.raw_feature_spec(), graph.transform_features_layer()
        sources = {
            "memory": ClipSource(files, features, transform, _MEMORY_BYTES),
            "files": ClipSource(files, features, transform),
        }
        for source in sources.values():
            assert source.clip_shape == (_NUM_FRAMES, _SIZE, _SIZE, 3)  # also loads the graph
        start = time.perf_counter()
        _batches(sources["memory"])
        results = {"clips_per_second_into_memory": _CLIPS / (time.perf_counter() - start)}
        rounds = [
            {name: _deliver(source, _BATCHES[name]) for name, source in sources.items()}
            for _ in range(_ROUNDS)
        ]
    for name in sources:
        seconds, cpu_seconds = (
            statistics.median(times) for times in zip(*(r[name] for r in rounds), strict=True)
        )
        results[f"clips_per_second_from_{name}"] = 1 / seconds
        results[f"cpu_ms_per_clip_from_{name}"] = 1000 * cpu_seconds
    return results


def _deliver(source: ClipSource, batches: int) -> tuple[float, float]:
    """Seconds and CPU seconds per clip, after the first batch."""
    taken = iter(_batches(source))
    next(taken)
    start, cpu_start = time.perf_counter(), _cpu_seconds()
    for _ in itertools.islice(taken, batches):
        pass
    clips = batches * _BATCH_SIZE
    return (time.perf_counter() - start) / clips, (_cpu_seconds() - cpu_start) / clips


def _batches(source: ClipSource) -> tf.data.Dataset:
    return source.batches(_BATCH_SIZE, shuffle_seed=0, repeat=True, drop_remainder=True)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _make_data(folder: Path) -> tuple[list[str], tft.TFTransformOutput]:
    """Creates record files like VideoExampleGen, and the transform graph like Transform."""
    path = os.path.join(folder, "data_tfrecord-00000-of-00001.gz")
    records = list(_records())
    with open(path, "wb") as file:
        writer = TFRecordWriter(file)
        for record in records:
            writer.write(record)
        writer.close()
    return [path], _transform_graph(records[: len(DIRECTIONS)], folder)


def _records() -> Iterator[bytes]:
    random = np.random.default_rng(0)
    for number in range(_CLIPS):
        direction = DIRECTIONS[number % len(DIRECTIONS)]
        frames = shape_motion_frames(number, direction, _NUM_FRAMES, _SIZE)
        noise = random.integers(-_NOISE, _NOISE + 1, frames.shape, np.int16)
        noisy = np.clip(frames + noise, 0, 255).astype(np.uint8)
        yield clip_to_record(Clip(noisy, 0, 0.0), b"%d.mp4" % number, direction.encode(), b"")


def _transform_graph(records: list[bytes], folder: Path) -> tft.TFTransformOutput:
    schema = text_format.Parse(Path(schema_path()).read_text("utf-8"), schema_pb2.Schema())
    features = schema_utils.schema_as_feature_spec(schema).feature_spec
    instances = [
        {name: v.numpy() for name, v in tf.io.parse_single_example(record, features).items()}
        for record in records
    ]
    config = {"num_frames": _NUM_FRAMES, "size": _SIZE, "resize_filter": "area"}
    graph = os.path.join(folder, "graph")
    metadata = dataset_metadata.DatasetMetadata(schema)
    with (
        tft_beam.Context(temp_dir=os.path.join(folder, "tmp")),
        beam.Pipeline(runner="FnApiRunner") as pipeline,
    ):
        rows = (pipeline | beam.Create(instances), metadata)
        analysis = tft_beam.AnalyzeDataset(
            functools.partial(preprocessing_fn, custom_config=config)
        )
        _ = (rows | analysis) | tft_beam.WriteTransformFn(graph)
    # TFX's Transform also writes the schema of the raw examples beside the graph.
    metadata_io.write_metadata(metadata, os.path.join(graph, "metadata"))
    return tft.TFTransformOutput(graph)
