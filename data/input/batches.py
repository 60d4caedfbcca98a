"""From record files to batches of clips."""

from __future__ import annotations

import functools
import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

import tensorflow as tf

from mocogan.data.input.available_memory import available_memory
from mocogan.data.input.clip_cache import ClipCache
from mocogan.data.pixels import to_uint8
from mocogan.data.records.keys import CATEGORY, CLIP

_INTERLEAVED_FILES = (
    4  # fixed: TensorFlow's own choice, and with it the order, depends on the machine
)
_MAX_SHUFFLE_BYTES = 2**30  # of the records in the shuffle buffer, where clips are not cached
_MAX_SHUFFLE_RECORDS = 2**14
_CACHE_FRACTION = 0.5  # of the available memory: the networks need some, too
_CACHE_READ_BATCH = 32  # clips
_RECORD_FRAME_BYTES = 16  # length and checksums around a record (mocogan.data.records.tfrecord)
_GZIP_SIZE_BYTES = 4  # at the end of a gzip file
_MIN_GZIP_BYTES = 20  # of an empty gzip file; TensorFlow reads a shorter file as if it were one
_SHARD_NAME = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\..*)?")


class ClipSource:
    """The clips of gzip TFRecord files of raw examples, from memory where they fit.

    `files` are names or patterns; `transform` is applied to parsed batches and gives float32 clips in [-1, 1].
    Clips of up to `memory_bytes`, and of up to half of the available memory, are read and transformed once, when the
    first batches are asked for, and cached as uint8. That changes the speed and nothing else: the order and the clips
    are the same.
    Raises ValueError when no pattern matches a file, and when a shard is missing or empty.
    """

    def __init__(
        self,
        files: Sequence[str],
        raw_feature_spec: Mapping[str, tf.io.FixedLenFeature],
        transform: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
        memory_bytes: int = 0,
    ) -> None:
        self._paths = shard_paths(files)
        self._raw_feature_spec = dict(raw_feature_spec)
        self._transform = transform
        self._memory_bytes = memory_bytes
        self._records = tf.data.Dataset.from_tensor_slices(self._paths).interleave(
            functools.partial(tf.data.TFRecordDataset, compression_type="GZIP"),
            cycle_length=_INTERLEAVED_FILES,
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

    @functools.cached_property
    def clip_shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3), without reading a file."""
        return tuple(self._read(self._records.batch(1)).element_spec[CLIP].shape[1:])

    def batches(
        self,
        batch_size: int,
        *,
        shuffle_seed: int | None,
        repeat: bool,
        drop_remainder: bool,
        first_batch: int = 0,
    ) -> tf.data.Dataset:
        """Batches {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}. The trainer makes floats of them.

        The order is fixed, or with `shuffle_seed` random and new in every repetition. It is the same in every process
        and on any machine. A batch may span two repetitions, so that with `repeat` fewer clips than `batch_size` will
        do. `first_batch` leaves out the batches before it: whole repetitions are not read, and the rest is read but
        not parsed. The cache reads nothing for it.
        Raises ValueError when the files hold no example, and TensorFlow's OpError for files that cannot be read, here
        or when the batches are taken.
        """
        cache = self._cache
        elements = tf.data.Dataset.range(len(cache.clips)) if cache else self._records
        order = functools.partial(_in_order, elements, self._shuffle_buffer, shuffle_seed)
        skipped, repetitions = first_batch * batch_size, tf.data.Dataset.range(1)
        if repeat:
            per_repetition = _count(elements) if skipped else 1
            repetitions = tf.data.Dataset.range(skipped // per_repetition, tf.int64.max)
            skipped %= per_repetition
        batches = (
            repetitions.flat_map(order)
            .skip(skipped)
            .batch(batch_size, drop_remainder=drop_remainder)
        )
        # The cache takes less than 0.1 ms a clip: one thread, one batch ahead.
        return batches.map(cache.batch).prefetch(1) if cache else self._read(batches)

    def _read(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Serialized examples, string [B] -> clips, on as many threads as keep up."""

        @tf.autograph.experimental.do_not_convert  # it has nothing to convert, and takes long
        def to_clips(batch: tf.Tensor) -> dict[str, tf.Tensor]:
            features = self._transform(tf.io.parse_example(batch, self._raw_feature_spec))
            return {CLIP: to_uint8(features[CLIP]), CATEGORY: features[CATEGORY]}

        return batches.map(
            to_clips, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        ).prefetch(tf.data.AUTOTUNE)

    @functools.cached_property
    def _cache(self) -> ClipCache | None:
        """All clips, if they fit into memory."""
        if not self._memory_bytes:
            return None
        limit = min(self._memory_bytes, int(available_memory() * _CACHE_FRACTION))
        cache = None
        if self._min_bytes() <= limit:
            cache = ClipCache.read(self._read(self._records.batch(_CACHE_READ_BATCH)), limit)
        if cache is None:
            logging.getLogger(__name__).info(
                "the clips do not fit into %d of the %d MiB allowed: they are read from their files each time",
                limit // 2**20,
                self._memory_bytes // 2**20,
            )
        return cache

    def _min_bytes(self) -> int:
        """Bytes of all clips or fewer, without reading them: gzip files give their size modulo 4 GiB."""
        records = sum(map(_gzip_size, self._paths)) // (self._record_bytes + _RECORD_FRAME_BYTES)
        return records * math.prod(self.clip_shape)

    @property
    def _shuffle_buffer(self) -> int:
        """Records among which the next one is drawn: the size of tf.data's shuffle buffer."""
        # All records are about as large as the first: clips have one shape.
        return max(1, min(_MAX_SHUFFLE_RECORDS, _MAX_SHUFFLE_BYTES // self._record_bytes))

    @functools.cached_property
    def _record_bytes(self) -> int:
        first = next(self._records.take(1).as_numpy_iterator(), None)
        if first is None:
            raise ValueError(
                f"{self._paths} hold no clip: give VideoExampleGen more or longer videos"
            )
        return len(first)


def clip_dataset(
    files: Sequence[str],
    raw_feature_spec: Mapping[str, tf.io.FixedLenFeature],
    transform: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
    batch_size: int,
    *,
    shuffle_seed: int | None,
    repeat: bool,
    drop_remainder: bool,
    first_batch: int = 0,
) -> tf.data.Dataset:
    """The batches of a ClipSource without a cache."""
    return ClipSource(files, raw_feature_spec, transform).batches(
        batch_size,
        shuffle_seed=shuffle_seed,
        repeat=repeat,
        drop_remainder=drop_remainder,
        first_batch=first_batch,
    )


def shard_paths(patterns: Sequence[str]) -> list[str]:
    """The files that match, sorted.

    Raises ValueError when there is none, one of the numbered shards that belong together is missing, or one is empty,
    as a power cut leaves it.
    """
    paths = sorted({path for pattern in patterns for path in tf.io.gfile.glob(pattern)})
    if not paths:
        raise ValueError(f"no file matches {list(patterns)}: run VideoExampleGen first")
    found: dict[tuple[str, str], set[int]] = {}
    for path in paths:
        if shard := _SHARD_NAME.fullmatch(path):
            found.setdefault((shard[1], shard[3]), set()).add(int(shard[2]))
    for (name, count), numbers in found.items():
        if missing := sorted(set(range(int(count))) - numbers):
            raise ValueError(
                f"{len(missing)} of the {int(count)} files {PurePath(name).name}-*-of-{count} are missing in "
                f"{PurePath(name).parent}, number {missing[0]} first: put them back, or run VideoExampleGen again"
            )
    for path in paths:
        if (size := tf.io.gfile.stat(path).length) < _MIN_GZIP_BYTES:
            raise ValueError(
                f"{path} has {size} bytes and is no gzip file: put it back, or run VideoExampleGen again"
            )
    return paths


def _gzip_size(path: str) -> int:
    """Bytes of a gzip file's content modulo 4 GiB, of its last part alone where there are several."""
    with tf.io.gfile.GFile(path, "rb") as file:
        file.seek(file.size() - _GZIP_SIZE_BYTES)
        return int.from_bytes(file.read(), "little")


def _count(elements: tf.data.Dataset) -> int:
    return int(elements.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))


@tf.autograph.experimental.do_not_convert
def _in_order(
    elements: tf.data.Dataset, shuffle_buffer: int, shuffle_seed: int | None, repetition: tf.Tensor
) -> tf.data.Dataset:
    """`elements` once, in the order of one repetition.

    The order depends on their number, `shuffle_buffer`, the seed and the repetition alone. So records and the numbers
    of cached clips come in the same order.
    """
    if shuffle_seed is None:
        return elements
    # Otherwise tf.random.set_seed would change the order.
    tf.compat.v1.get_default_graph().seed = None
    pair = tf.stack([tf.constant(shuffle_seed, tf.int64), repetition])
    seed = tf.random.stateless_uniform([], pair, maxval=tf.int64.max, dtype=tf.int64)
    return elements.shuffle(shuffle_buffer, seed=seed, reshuffle_each_iteration=False)
