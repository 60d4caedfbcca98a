from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from data.clip import Clip
from data.input_pipeline import clip_dataset
from data.pixels import to_float
from data.records import CATEGORY, CLIP, FRAMES, VIDEO_ID, clip_to_record

_SHAPE = (2, 4, 4, 3)
_FEATURES = {
    FRAMES: tf.io.FixedLenFeature([], tf.string),
    VIDEO_ID: tf.io.FixedLenFeature([], tf.string),
}


def _transform(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    pixels = tf.reshape(tf.io.decode_raw(features[FRAMES], tf.uint8), (-1, *_SHAPE))
    return {
        CLIP: to_float(pixels),
        CATEGORY: tf.strings.to_number(features[VIDEO_ID], tf.int64),
        "more": features[VIDEO_ID],
    }


@pytest.fixture
def record_files(tmp_path) -> list[str]:
    """Two shards of five clips whose category is their number."""
    for shard in range(2):
        path = str(tmp_path / f"data_tfrecord-{shard:05d}-of-00002.gz")
        with tf.io.TFRecordWriter(path, "GZIP") as writer:
            for number in range(5 * shard, 5 * shard + 5):
                clip = Clip(np.full(_SHAPE, 20 * number, np.uint8), 0, 0.0)
                writer.write(clip_to_record(clip, b"%d" % number, b"", b""))
    return [str(tmp_path / "*")]


def _dataset(
    files, batch_size=4, shuffle_seed=None, repeat=False, drop_remainder=False, first_batch=0
):
    return clip_dataset(
        files,
        _FEATURES,
        _transform,
        batch_size,
        shuffle_seed=shuffle_seed,
        repeat=repeat,
        drop_remainder=drop_remainder,
        first_batch=first_batch,
    )


def _order(dataset) -> list[int]:
    return np.concatenate([batch[CATEGORY].numpy() for batch in dataset]).tolist()


def test_batches_are_transformed_clips(record_files):
    batches = list(_dataset(record_files))

    assert [set(batch) for batch in batches] == [{CLIP, CATEGORY}] * 3
    assert [batch[CLIP].shape for batch in batches] == [(4, *_SHAPE), (4, *_SHAPE), (2, *_SHAPE)]
    assert batches[0][CLIP].dtype == tf.uint8
    assert batches[0][CATEGORY].dtype == tf.int64
    for batch in batches:
        assert (batch[CLIP][:, 0, 0, 0, 0].numpy() == 20 * batch[CATEGORY].numpy()).all()


def test_without_a_seed_the_order_is_fixed_and_every_clip_comes_once(record_files):
    order = _order(_dataset(record_files))

    assert sorted(order) == list(range(10))
    assert _order(_dataset(record_files)) == order


def test_the_seed_sets_the_order(record_files):
    order = _order(_dataset(record_files, shuffle_seed=1))

    assert sorted(order) == list(range(10))
    assert _order(_dataset(record_files, shuffle_seed=1)) == order
    assert _order(_dataset(record_files, shuffle_seed=2)) != order


def test_repetitions_differ_and_run_into_one_another(record_files):
    dataset = _dataset(
        record_files, shuffle_seed=1, repeat=True, drop_remainder=True, batch_size=15
    )

    order = _order(dataset.take(2))

    rounds = [order[:10], order[10:20], order[20:30]]
    assert [sorted(part) for part in rounds] == [list(range(10))] * 3
    assert rounds[0] != rounds[1]


def test_the_remainder_can_be_dropped(record_files):
    assert len(_order(_dataset(record_files, drop_remainder=True))) == 8


@pytest.mark.parametrize("shuffle_seed", [None, 3])
@pytest.mark.parametrize("first_batch", [1, 2, 3, 9, 25])
def test_what_begins_later_goes_on_as_what_began_before(record_files, shuffle_seed, first_batch):
    settings = {"shuffle_seed": shuffle_seed, "repeat": True, "drop_remainder": True}
    whole = _order(_dataset(record_files, **settings).take(30))

    rest = _order(
        _dataset(record_files, first_batch=first_batch, **settings).take(30 - first_batch)
    )

    assert rest == whole[4 * first_batch :]


def test_what_is_left_out_is_not_parsed(record_files):
    parsed = []

    def transform(features):
        tf.py_function(lambda ids: parsed.extend(ids.numpy()), [features[VIDEO_ID]], [])
        return _transform(features)

    settings = {"shuffle_seed": None, "repeat": False, "drop_remainder": False}
    rest = clip_dataset(record_files, _FEATURES, transform, 4, first_batch=2, **settings)

    assert len(_order(rest)) == len(parsed) == 2


def test_a_shard_that_is_gone_is_named(record_files, tmp_path):
    (tmp_path / "data_tfrecord-00001-of-00002.gz").unlink()

    with pytest.raises(ValueError, match=r"1 of the 2 files data_tfrecord-\*-of-00002 are missing"):
        _dataset(record_files)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"no file matches \['.*nothing-\*'\]"):
        _dataset([str(tmp_path / "nothing-*")])


def test_files_without_clips_are_named(tmp_path: Path):
    path = str(tmp_path / "empty.gz")
    with tf.io.TFRecordWriter(path, "GZIP"):
        pass

    with pytest.raises(ValueError, match=r"empty\.gz'\] hold no clip"):
        _dataset([path])
