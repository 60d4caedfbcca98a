"""Records as TensorFlow reads them."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from mocogan.data.records.keys import VIDEO_ID


def read_records(path: Path) -> list[bytes]:
    """The records of a gzipped TFRecord file. TensorFlow checks their checksums."""
    return list(tf.data.TFRecordDataset(str(path), "GZIP").as_numpy_iterator())


def record_video_id(record: bytes) -> bytes:
    """The VIDEO_ID of a serialized tf.Example."""
    example = tf.train.Example.FromString(record)
    return example.features.feature[VIDEO_ID].bytes_list.value[0]
