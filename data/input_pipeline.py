"""From record files to batches of clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

from data.records import CATEGORY, CLIP

_FILES_AT_ONCE = 4  # fixed: TensorFlow's own choice, and with it the order, depends on the machine
_SHUFFLE_BYTES = 256 * 2**20  # of the records held back for shuffling
_SHUFFLE_RECORDS = 4096


def clip_dataset(
    files: Sequence[str],
    raw_feature_spec: Mapping[str, tf.io.FixedLenFeature],
    transform: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
    batch_size: int,
    *,
    shuffle_seed: int | None,
    repeat: bool,
    drop_remainder: bool,
) -> tf.data.Dataset:
    """Batches {CLIP: float32 [B, T, H, W, 3] in [-1, 1], CATEGORY: int64 [B]}.

    `files` are names or patterns of gzip TFRecord files of raw examples; `transform` is applied to
    parsed batches. The order is a fixed one, or with `shuffle_seed` a random one, new in every
    repetition; either is the same in every process. Repetitions run into one another, so
    that with `repeat` there are batches even of fewer clips than `batch_size`.
    Raises ValueError when no pattern matches a file or the files hold no example.
    """
    paths = sorted({path for pattern in files for path in tf.io.gfile.glob(pattern)})
    if not paths:
        raise ValueError(f"no file matches {list(files)}: run VideoExampleGen first")
    records = tf.data.Dataset.from_tensor_slices(paths).interleave(
        lambda path: tf.data.TFRecordDataset(path, compression_type="GZIP"),
        cycle_length=_FILES_AT_ONCE,
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    first = next(records.take(1).as_numpy_iterator(), None)
    if first is None:
        raise ValueError(f"{paths} hold no clip: give VideoExampleGen more or longer videos")
    if shuffle_seed is not None:
        # All records are about as large as the first: clips have one shape.
        held_back = max(1, min(_SHUFFLE_RECORDS, _SHUFFLE_BYTES // len(first)))
        records = records.shuffle(held_back, seed=shuffle_seed, reshuffle_each_iteration=True)
    if repeat:
        records = records.repeat()

    def to_clips(batch: tf.Tensor) -> dict[str, tf.Tensor]:
        features = transform(tf.io.parse_example(batch, dict(raw_feature_spec)))
        return {name: features[name] for name in (CLIP, CATEGORY)}

    return (
        records.batch(batch_size, drop_remainder=drop_remainder)
        .map(to_clips, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )
