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

# Fixed, because TensorFlow's own choice depends on the machine and changes the order.
_INTERLEAVED_FILES = 4
_MAX_SHUFFLE_BYTES = 2**30  # of the records in the shuffle buffer, if the clips are not cached
_MAX_SHUFFLE_RECORDS = 2**14
_CACHE_FRACTION = 0.5  # of the available memory, because the networks need memory too
_CACHE_READ_BATCH = 32  # clips
_RECORD_FRAME_BYTES = 16  # length and checksums around a record (mocogan.data.records.tfrecord)
_GZIP_SIZE_BYTES = 4  # length of the size field at the end of a gzip file
_MIN_GZIP_BYTES = 20  # size of an empty gzip file; TensorFlow reads shorter files as empty
_SHARD_NAME = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\..*)?")


class ClipSource:
    """Reads the clips of gzip TFRecord files of raw examples, and caches them in memory if they fit.

    `files` are names or patterns. `only` are those of the shards that are read (None: all).
    `transform` gets parsed batches and returns float32 clips in [-1, 1].
    The cache holds uint8 clips. It is filled once, by the first call of `batches`. Its limit is `memory_bytes`
    and half of the available memory, whichever is less. The cache changes only the speed. Clips and order stay
    the same.
    Raises ValueError when no file matches a pattern, and when a shard is missing or empty.
    """

    def __init__(
        self,
        files: Sequence[str],
        raw_feature_spec: Mapping[str, tf.io.FixedLenFeature],
        transform: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
        memory_bytes: int = 0,
        only: Sequence[str] | None = None,
    ) -> None:
        checked = shard_paths(files)
        self._paths = checked if only is None else list(only)
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
        """(T, H, W, 3). No file is read."""
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
        """Returns batches {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}. The trainer converts them to float.

        The order is fixed without `shuffle_seed`. With it the order is random and changes in every repetition.
        It is the same in every process and on every machine. With `repeat` a batch can span two repetitions, so
        `batch_size` may exceed the number of clips. `first_batch` skips the batches before it. Whole repetitions
        are skipped without reading. The remaining skipped records are read but not parsed.
        Raises ValueError when the files contain no example. Raises TensorFlow's OpError for files that cannot be
        read, here or during iteration.
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
        # The cache needs less than 0.1 ms per clip, so one thread and one prefetched batch are enough.
        return batches.map(cache.batch).prefetch(1) if cache else self._read(batches)

    def _read(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Serialized examples, string [B] -> batches of clips. TensorFlow chooses the number of threads."""

        @tf.autograph.experimental.do_not_convert  # AutoGraph is slow and has nothing to convert
        def to_clips(batch: tf.Tensor) -> dict[str, tf.Tensor]:
            features = self._transform(tf.io.parse_example(batch, self._raw_feature_spec))
            return {CLIP: to_uint8(features[CLIP]), CATEGORY: features[CATEGORY]}

        return batches.map(
            to_clips, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        ).prefetch(tf.data.AUTOTUNE)

    @functools.cached_property
    def _cache(self) -> ClipCache | None:
        """All clips, or None if they do not fit into memory."""
        if not self._memory_bytes:
            return None
        limit = min(self._memory_bytes, int(available_memory() * _CACHE_FRACTION))
        cache = None
        if self._min_bytes() <= limit:
            cache = ClipCache.read(self._read(self._records.batch(_CACHE_READ_BATCH)), limit)
        if cache is None:
            logging.getLogger(__name__).info(
                "the clips do not fit into %d MiB of memory (%d MiB allowed). They are read from disk every time",
                limit // 2**20,
                self._memory_bytes // 2**20,
            )
        return cache

    def _min_bytes(self) -> int:
        """Lower bound of the bytes of all clips, without reading them. gzip files store their size modulo 4 GiB."""
        records = sum(map(_gzip_size, self._paths)) // (self._record_bytes + _RECORD_FRAME_BYTES)
        return records * math.prod(self.clip_shape)

    @property
    def _shuffle_buffer(self) -> int:
        """Size of tf.data's shuffle buffer in records."""
        # All clips have the same shape, so all records have about the size of the first.
        return max(1, min(_MAX_SHUFFLE_RECORDS, _MAX_SHUFFLE_BYTES // self._record_bytes))

    @functools.cached_property
    def _record_bytes(self) -> int:
        first = next(self._records.take(1).as_numpy_iterator(), None)
        if first is None:
            raise ValueError(
                f"{self._paths} contain no clip. Give VideoExampleGen more videos or longer ones"
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
    """Reads batches of clips from gzip TFRecord files of raw examples, without a cache.

    The order is the same in every process and on every machine.

    Args:
        files: Names or patterns of the files.
        raw_feature_spec: Feature spec of the raw examples, for `tf.io.parse_example`.
        transform: Maps a parsed batch to features. CLIP is float32 `[B, T, H, W, 3]` in [-1, 1].
            CATEGORY is int64 `[B]`.
        batch_size: Clips per batch.
        shuffle_seed: Seed of the random order, which changes in every repetition. None keeps the order of the files.
        repeat: Whether the clips repeat forever. A batch can then span two repetitions.
        drop_remainder: Whether a last batch with fewer than `batch_size` clips is dropped.
        first_batch: Number of batches to skip at the start.

    Returns:
        Batches {CLIP: uint8 `[B, T, H, W, 3]` in [0, 255], CATEGORY: int64 `[B]`}.

    Raises:
        ValueError: No file matches, a shard is missing or empty, or the files contain no clip.
        tf.errors.OpError: A file cannot be read. Also raised during iteration.
    """
    return ClipSource(files, raw_feature_spec, transform).batches(
        batch_size,
        shuffle_seed=shuffle_seed,
        repeat=repeat,
        drop_remainder=drop_remainder,
        first_batch=first_batch,
    )


def shard_paths(patterns: Sequence[str]) -> list[str]:
    """Returns the files that match `patterns`, sorted.

    Raises ValueError when no file matches, when a numbered shard is missing, and when a file is too short for gzip.
    A power failure can leave such a file.
    """
    paths = sorted({path for pattern in patterns for path in tf.io.gfile.glob(pattern)})
    if not paths:
        raise ValueError(f"no file matches {list(patterns)}. Run VideoExampleGen first")
    found: dict[tuple[str, str], set[int]] = {}
    for path in paths:
        if shard := _SHARD_NAME.fullmatch(path):
            found.setdefault((shard[1], shard[3]), set()).add(int(shard[2]))
    for (name, count), numbers in found.items():
        if missing := sorted(set(range(int(count))) - numbers):
            raise ValueError(
                f"{len(missing)} of the {int(count)} files {PurePath(name).name}-*-of-{count} are missing in "
                f"{PurePath(name).parent}. The first is number {missing[0]}. Restore them or run VideoExampleGen again"
            )
    for path in paths:
        if (size := tf.io.gfile.stat(path).length) < _MIN_GZIP_BYTES:
            raise ValueError(
                f"{path} has {size} bytes and is not a gzip file. Restore it or run VideoExampleGen again"
            )
    return paths


def _gzip_size(path: str) -> int:
    """Returns the uncompressed size of a gzip file in bytes, modulo 4 GiB. Only the last gzip member counts."""
    with tf.io.gfile.GFile(path, "rb") as file:
        file.seek(file.size() - _GZIP_SIZE_BYTES)
        return int.from_bytes(file.read(), "little")


def _count(elements: tf.data.Dataset) -> int:
    return int(elements.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))


@tf.autograph.experimental.do_not_convert
def _in_order(
    elements: tf.data.Dataset, shuffle_buffer: int, shuffle_seed: int | None, repetition: tf.Tensor
) -> tf.data.Dataset:
    """Returns `elements` in the order of one repetition.

    The order depends only on their number, `shuffle_buffer`, the seed and the repetition. Thus it is the same for
    records and for the indices of cached clips.
    """
    if shuffle_seed is None:
        return elements
    # Without this line tf.random.set_seed would change the order.
    tf.compat.v1.get_default_graph().seed = None
    pair = tf.stack([tf.constant(shuffle_seed, tf.int64), repetition])
    seed = tf.random.stateless_uniform([], pair, maxval=tf.int64.max, dtype=tf.int64)
    return elements.shuffle(shuffle_buffer, seed=seed, reshuffle_each_iteration=False)
