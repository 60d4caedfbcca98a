import logging
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from mocogan.data.input.batches import ClipSource, clip_dataset
from mocogan.data.pixels import to_float
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.keys import CATEGORY, CLIP, FRAMES, VIDEO_ID

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


@pytest.fixture
def global_seed():
    yield tf.random.set_seed
    context.context()._set_global_seed(None)  # as before; the public function refuses it


@pytest.fixture(params=[0, 2**20], ids=["from files", "from memory"])
def memory_bytes(request) -> int:
    return request.param


def _dataset(
    files,
    memory_bytes=0,
    batch_size=4,
    shuffle_seed=None,
    repeat=False,
    drop_remainder=False,
    first_batch=0,
):
    return ClipSource(files, _FEATURES, _transform, memory_bytes).batches(
        batch_size,
        shuffle_seed=shuffle_seed,
        repeat=repeat,
        drop_remainder=drop_remainder,
        first_batch=first_batch,
    )


class _Counted:
    """The transform, with the numbers of the clips it was applied to."""

    def __init__(self) -> None:
        self.clips: list[int] = []

    def __call__(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        tf.py_function(
            lambda ids: self.clips.extend(map(int, ids.numpy())), [features[VIDEO_ID]], []
        )
        return _transform(features)


def _order(dataset) -> list[int]:
    return np.concatenate([batch[CATEGORY].numpy() for batch in dataset]).tolist()


def test_batches_are_transformed_clips(record_files, memory_bytes):
    batches = list(_dataset(record_files, memory_bytes))

    assert [set(batch) for batch in batches] == [{CLIP, CATEGORY}] * 3
    assert [batch[CLIP].shape for batch in batches] == [(4, *_SHAPE), (4, *_SHAPE), (2, *_SHAPE)]
    assert batches[0][CLIP].dtype == tf.uint8
    assert batches[0][CATEGORY].dtype == tf.int64
    for batch in batches:
        assert (batch[CLIP][:, 0, 0, 0, 0].numpy() == 20 * batch[CATEGORY].numpy()).all()


def test_without_a_seed_the_order_is_fixed_and_every_clip_comes_once(record_files, memory_bytes):
    order = _order(_dataset(record_files, memory_bytes))

    assert sorted(order) == list(range(10))
    assert _order(_dataset(record_files, memory_bytes)) == order


def test_the_seed_sets_the_order(record_files, memory_bytes):
    order = _order(_dataset(record_files, memory_bytes, shuffle_seed=1))

    assert sorted(order) == list(range(10))
    assert _order(_dataset(record_files, memory_bytes, shuffle_seed=1)) == order
    assert _order(_dataset(record_files, memory_bytes, shuffle_seed=2)) != order


def test_no_other_seed_changes_the_order(record_files, memory_bytes, global_seed):
    order = _order(_dataset(record_files, memory_bytes, shuffle_seed=1))

    for seed in (0, 7):
        global_seed(seed)
        assert _order(_dataset(record_files, memory_bytes, shuffle_seed=1)) == order


def test_repetitions_differ_and_run_into_one_another(record_files, memory_bytes):
    dataset = _dataset(
        record_files, memory_bytes, shuffle_seed=1, repeat=True, drop_remainder=True, batch_size=15
    )

    order = _order(dataset.take(2))

    rounds = [order[:10], order[10:20], order[20:30]]
    assert [sorted(part) for part in rounds] == [list(range(10))] * 3
    assert rounds[0] != rounds[1]


def test_the_remainder_can_be_dropped(record_files, memory_bytes):
    assert len(_order(_dataset(record_files, memory_bytes, drop_remainder=True))) == 8


@pytest.mark.parametrize("shuffle_seed", [None, 3])
@pytest.mark.parametrize(
    "first_batch", [1, 9, *(pytest.param(it, marks=pytest.mark.exhaustive) for it in (2, 3, 25))]
)
def test_what_begins_later_goes_on_as_what_began_before(
    record_files, memory_bytes, shuffle_seed, first_batch
):
    settings = {"shuffle_seed": shuffle_seed, "repeat": True, "drop_remainder": True}
    whole = _order(_dataset(record_files, memory_bytes, **settings).take(30))

    rest = _order(
        _dataset(record_files, memory_bytes, first_batch=first_batch, **settings).take(
            30 - first_batch
        )
    )

    assert rest == whole[4 * first_batch :]


def test_the_order_is_the_same_from_files_and_from_memory(record_files):
    settings = {"shuffle_seed": 5, "repeat": True, "drop_remainder": True}

    from_files = _dataset(record_files, 0, **settings).take(9)
    from_memory = _dataset(record_files, 2**20, **settings).take(9)

    assert _order(from_memory) == _order(from_files)
    for one, other in zip(from_memory, from_files, strict=True):
        assert (one[CLIP].numpy() == other[CLIP].numpy()).all()


def test_one_clip_fills_a_batch_by_repetition(tmp_path, memory_bytes):
    path = str(tmp_path / "one.gz")
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        writer.write(clip_to_record(Clip(np.ones(_SHAPE, np.uint8), 0, 0.0), b"7", b"", b""))

    dataset = _dataset([path], memory_bytes, shuffle_seed=1, repeat=True, drop_remainder=True)

    assert _order(dataset.take(2)) == [7] * 8


def test_what_is_left_out_is_not_parsed(record_files):
    transform = _Counted()
    settings = {"shuffle_seed": None, "repeat": False, "drop_remainder": False}

    rest = clip_dataset(record_files, _FEATURES, transform, 4, first_batch=2, **settings)

    assert _order(rest) == transform.clips
    assert len(transform.clips) == 2


def test_clips_in_memory_are_read_once(record_files, tmp_path):
    transform = _Counted()
    source = ClipSource(record_files, _FEATURES, transform, 2**20)
    settings = {"shuffle_seed": 1, "repeat": True, "drop_remainder": True}
    begun = iter(source.batches(4, **settings))
    next(begun)
    for path in tmp_path.glob("*.gz"):
        path.unlink()

    rest = [next(begun)[CATEGORY].numpy() for _ in range(8)]
    again = source.batches(4, first_batch=1, **settings).take(8)

    assert _order(again) == np.concatenate(rest).tolist()
    assert sorted(transform.clips) == list(range(10))


@pytest.mark.parametrize(("spare", "times_read"), [(0, 1), (-1, 2)])
def test_clips_stay_in_memory_only_if_all_fit(record_files, caplog, spare, times_read):
    caplog.set_level(logging.INFO)
    transform = _Counted()
    source = ClipSource(record_files, _FEATURES, transform, 10 * np.prod(_SHAPE) + spare)

    batches = source.batches(4, shuffle_seed=None, repeat=False, drop_remainder=False)
    orders = [_order(batches), _order(batches)]

    assert orders == [orders[0]] * 2
    assert transform.clips.count(0) == times_read
    assert ("do not fit into 0 MiB of memory (0 MiB allowed)" in caplog.text) == (spare < 0)


def test_the_shape_is_known_before_a_file_is_read(tmp_path):
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(b"no gzip, whatever its name says")

    assert ClipSource([str(damaged)], _FEATURES, _transform).clip_shape == _SHAPE


def test_a_file_that_vanishes_is_named(record_files, memory_bytes, tmp_path):
    source = ClipSource(record_files, _FEATURES, _transform, memory_bytes)
    (tmp_path / "data_tfrecord-00001-of-00002.gz").unlink()

    with pytest.raises(tf.errors.NotFoundError, match=r"data_tfrecord-00001-of-00002\.gz"):
        list(source.batches(4, shuffle_seed=1, repeat=False, drop_remainder=False))


def test_a_damaged_file_is_an_error(record_files, memory_bytes, tmp_path):
    shard = tmp_path / "data_tfrecord-00001-of-00002.gz"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0x55
    shard.write_bytes(content)

    with pytest.raises(tf.errors.DataLossError):
        list(_dataset(record_files, memory_bytes))


def test_a_shard_that_is_gone_is_named(record_files, tmp_path):
    (tmp_path / "data_tfrecord-00001-of-00002.gz").unlink()

    with pytest.raises(ValueError, match=r"1 of the 2 files data_tfrecord-\*-of-00002 are missing"):
        _dataset(record_files)


def test_a_shard_that_a_power_cut_left_empty_is_named(record_files, tmp_path):
    (tmp_path / "data_tfrecord-00001-of-00002.gz").write_bytes(b"")

    with pytest.raises(ValueError, match=r"data_tfrecord-00001-of-00002\.gz has 0 bytes"):
        _dataset(record_files)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"no file matches \['.*nothing-\*'\]"):
        _dataset([str(tmp_path / "nothing-*")])


def test_files_without_clips_are_named(tmp_path: Path, memory_bytes):
    path = str(tmp_path / "empty.gz")
    with tf.io.TFRecordWriter(path, "GZIP"):
        pass

    with pytest.raises(ValueError, match=r"empty\.gz'\] contain no clip"):
        _dataset([path], memory_bytes)
