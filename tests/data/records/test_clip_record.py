import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.keys import CAPTION, CLIP_INDEX, LABEL, START_SECONDS
from mocogan.data.records.keys import FRAMES as FRAMES_KEY

FRAMES = np.arange(4 * 8 * 6 * 3, dtype=np.uint8).reshape(4, 8, 6, 3)


def bytes_feature(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def int_feature(value: int) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def test_a_record_is_what_tensorflow_would_serialize():
    record = clip_to_record(Clip(FRAMES, 300, 2.1), b"a/\xff.mp4", b"a", b"d\xc3\xa9j\xc3\xa0")

    expected = tf.train.Example(
        features=tf.train.Features(
            feature={
                "video_id": bytes_feature(b"a/\xff.mp4"),
                "label": bytes_feature(b"a"),
                "caption": bytes_feature(b"d\xc3\xa9j\xc3\xa0"),
                "frames": bytes_feature(FRAMES.tobytes()),
                "num_frames": int_feature(4),
                "height": int_feature(8),
                "width": int_feature(6),
                "clip_index": int_feature(300),
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
    record = clip_to_record(Clip(FRAMES, 0, 0.0), b"a.mp4", b"", b"")

    feature = tf.train.Example.FromString(record).features.feature
    assert feature[CLIP_INDEX].int64_list.value[:] == [0]
    assert feature[START_SECONDS].float_list.value[:] == [0.0]
    assert feature[LABEL].bytes_list.value[:] == [b""]
    assert feature[CAPTION].bytes_list.value[:] == [b""]


def test_a_frame_rate_is_stored_if_it_is_known():
    known, unknown = (
        tf.train.Example.FromString(clip_to_record(Clip(FRAMES, 0, 0.0, fps), b"a", b"", b""))
        for fps in (12.5, None)
    )

    assert known.features.feature["fps"].float_list.value[:] == [12.5]
    assert "fps" not in unknown.features.feature


def test_frames_need_not_lie_in_one_piece():
    turned = np.rot90(FRAMES, axes=(1, 2))

    record = clip_to_record(Clip(turned, 0, 0.0), b"v", b"", b"")

    feature = tf.train.Example.FromString(record).features.feature
    raw = feature[FRAMES_KEY].bytes_list.value[0]
    np.testing.assert_array_equal(np.frombuffer(raw, np.uint8).reshape(turned.shape), turned)


@pytest.mark.parametrize(
    "frames", [np.zeros((8, 8, 3), np.uint8), np.zeros((4, 8, 8, 3), np.float32)]
)
def test_refuses_what_is_not_a_clip(frames):
    with pytest.raises(ValueError, match="uint8, got"):
        clip_to_record(Clip(frames, 0, 0.0), b"v", b"", b"")


def test_records_are_made_without_tensorflow():
    code = (
        "import sys, mocogan.data.records.clip_record, mocogan.data.records.tfrecord\n"
        "sys.exit('tensorflow' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
