"""From record files to batches of clips."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath

import tensorflow as tf

from data.pixels import to_uint8
from data.records import CATEGORY, CLIP

_FILES_AT_ONCE = 4  # fixed: TensorFlow's own choice, and with it the order, depends on the machine
_SHUFFLE_BYTES = 256 * 2**20  # of the records held back for shuffling
_SHUFFLE_RECORDS = 4096
_SHARD_NAME = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\..*)?")


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
    """Batches {CLIP: uint8 [B, T, H, W, 3], CATEGORY: int64 [B]}: a quarter of the bytes of floats.

    `files` are names or patterns of gzip TFRecord files of raw examples; `transform` is applied to
    parsed batches and gives float32 clips in [-1, 1]. The order is a fixed one, or with
    `shuffle_seed` a random one, new in every repetition; either is the same in every process.
    Repetitions run into one another, so that with `repeat` there are batches even of fewer clips
    than `batch_size`. `first_batch` leaves out the batches before it: whole repetitions are not read,
    the rest is read but not parsed.
    Raises ValueError when no pattern matches a file, a shard is missing or the files hold no example.
    """
    paths = shard_paths(files)
    records = tf.data.Dataset.from_tensor_slices(paths).interleave(
        lambda path: tf.data.TFRecordDataset(path, compression_type="GZIP"),
        cycle_length=_FILES_AT_ONCE,
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    first = next(records.take(1).as_numpy_iterator(), None)
    if first is None:
        raise ValueError(f"{paths} hold no clip: give VideoExampleGen more or longer videos")
    order = functools.partial(_in_order, records, len(first), shuffle_seed)
    skipped, repetitions = first_batch * batch_size, tf.data.Dataset.range(1)
    if repeat:
        per_repetition = _count(records) if skipped else 1
        repetitions = tf.data.Dataset.range(skipped // per_repetition, tf.int64.max)
        skipped %= per_repetition

    def to_clips(batch: tf.Tensor) -> dict[str, tf.Tensor]:
        features = transform(tf.io.parse_example(batch, dict(raw_feature_spec)))
        return {CLIP: to_uint8(features[CLIP]), CATEGORY: features[CATEGORY]}

    return (
        repetitions.flat_map(order)
        .skip(skipped)
        .batch(batch_size, drop_remainder=drop_remainder)
        .map(to_clips, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )


def shard_paths(patterns: Sequence[str]) -> list[str]:
    """The files that match, sorted.

    Raises ValueError when there is none, or one of the numbered shards that belong together is missing.
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
    return paths


def _count(records: tf.data.Dataset) -> int:
    return int(records.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))


def _in_order(
    records: tf.data.Dataset, record_bytes: int, shuffle_seed: int | None, repetition: tf.Tensor
) -> tf.data.Dataset:
    """`records` once, in the order of one repetition, which no other repetition is needed for."""
    if shuffle_seed is None:
        return records
    pair = tf.stack([tf.constant(shuffle_seed, tf.int64), repetition])
    seed = tf.random.stateless_uniform([], pair, maxval=tf.int64.max, dtype=tf.int64)
    # All records are about as large as the first: clips have one shape.
    held_back = max(1, min(_SHUFFLE_RECORDS, _SHUFFLE_BYTES // record_bytes))
    return records.shuffle(held_back, seed=seed, reshuffle_each_iteration=False)
