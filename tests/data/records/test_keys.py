import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip

FRAMES = np.arange(4 * 8 * 6 * 3, dtype=np.uint8).reshape(4, 8, 6, 3)


def of_bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def of_int(value: int) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def test_a_record_is_what_tensorflow_would_serialise():
    record = records.clip_to_record(
        Clip(FRAMES, 300, 2.1), b"a/\xff.mp4", b"a", b"d\xc3\xa9j\xc3\xa0"
    )

    expected = tf.train.Example(
        features=tf.train.Features(
            feature={
                "video_id": of_bytes(b"a/\xff.mp4"),
                "label": of_bytes(b"a"),
                "caption": of_bytes(b"d\xc3\xa9j\xc3\xa0"),
                "frames": of_bytes(FRAMES.tobytes()),
                "num_frames": of_int(4),
                "height": of_int(8),
                "width": of_int(6),
                "clip_index": of_int(300),
                "start_seconds": tf.train.Feature(float_list=tf.train.FloatList(value=[2.1])),
            }
        )
    )
    read = tf.train.Example.FromString(record)
    for name, feature in expected.features.feature.items():
        assert read.features.feature[name] == feature, name
    assert read == expected
    assert record == expected.SerializeToString(deterministic=True)


def test_zero_and_nothing_are_values_too():
    record = records.clip_to_record(Clip(FRAMES, 0, 0.0), b"a.mp4", b"", b"")

    feature = tf.train.Example.FromString(record).features.feature
    assert feature[records.CLIP_INDEX].int64_list.value[:] == [0]
    assert feature[records.START_SECONDS].float_list.value[:] == [0.0]
    assert feature[records.LABEL].bytes_list.value[:] == [b""]
    assert feature[records.CAPTION].bytes_list.value[:] == [b""]


def test_a_record_tells_its_video():
    record = records.clip_to_record(Clip(FRAMES, 0, 0.0), b"a/\xff\n.mp4", b"a", b"")

    assert records.video_id_of(record) == b"a/\xff\n.mp4"


def test_frames_need_not_lie_in_one_piece():
    turned = np.rot90(FRAMES, axes=(1, 2))

    record = records.clip_to_record(Clip(turned, 0, 0.0), b"v", b"", b"")

    feature = tf.train.Example.FromString(record).features.feature
    raw = feature[records.FRAMES].bytes_list.value[0]
    np.testing.assert_array_equal(np.frombuffer(raw, np.uint8).reshape(turned.shape), turned)


@pytest.mark.parametrize(
    "frames", [np.zeros((8, 8, 3), np.uint8), np.zeros((4, 8, 8, 3), np.float32)]
)
def test_refuses_what_is_not_a_clip(frames):
    with pytest.raises(ValueError, match="uint8, got"):
        records.clip_to_record(Clip(frames, 0, 0.0), b"v", b"", b"")


def test_records_are_made_without_tensorflow():
    code = "import sys, mocogan.data.records.keys, mocogan.data.records.tfrecord; sys.exit('tensorflow' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
