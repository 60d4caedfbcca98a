import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.input.clip_cache import ClipCache
from mocogan.data.records.keys import CATEGORY, CLIP

_SHAPE = (2, 4, 4, 3)
_CLIP_BYTES = 96


@pytest.fixture
def batches() -> tf.data.Dataset:
    """Five clips in batches of two, each filled with its number, which is its category too."""
    numbers = np.arange(5)
    clips = np.broadcast_to(numbers[:, None, None, None, None], (5, *_SHAPE)).astype(np.uint8)
    return tf.data.Dataset.from_tensor_slices({CLIP: clips, CATEGORY: numbers}).batch(2)


def test_clips_come_in_the_order_asked_for(batches):
    cache = ClipCache.read(batches, 5 * _CLIP_BYTES)
    assert cache.clips.shape == (5, *_SHAPE)

    rows = tf.data.Dataset.from_tensor_slices(tf.constant([4, 0, 4], tf.int64)).batch(3)
    [taken] = rows.map(cache.batch)

    assert taken[CATEGORY].numpy().tolist() == [4, 0, 4]
    assert taken[CATEGORY].dtype == tf.int64
    assert taken[CLIP].dtype == tf.uint8
    assert taken[CLIP][:, 1, 3, 3, 2].numpy().tolist() == [4, 0, 4]


def test_what_is_taken_has_its_shape_in_the_graph(batches):
    cache = ClipCache.read(batches, 5 * _CLIP_BYTES)

    element_spec = (
        tf.data.Dataset.range(5).batch(2, drop_remainder=True).map(cache.batch).element_spec
    )

    assert element_spec == {
        CLIP: tf.TensorSpec((2, *_SHAPE), tf.uint8),
        CATEGORY: tf.TensorSpec([2], tf.int64),
    }


@pytest.mark.parametrize(
    "max_bytes",
    [
        pytest.param(5 * _CLIP_BYTES - 1, id="one byte too few"),
        pytest.param(0, id="nothing"),
        pytest.param(2**60, id="more than a computer has"),
    ],
)
def test_nothing_is_cache_without_room(batches, max_bytes):
    assert ClipCache.read(batches, max_bytes) is None


def test_no_clips_are_none(batches):
    assert ClipCache.read(batches.take(0), _CLIP_BYTES) is None
