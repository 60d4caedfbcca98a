"""The shape and the pixels of stored clips, resized to the size that the networks generate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from statistics import median

import tensorflow as tf

from mocogan.data.records.keys import FPS, HEIGHT, NUM_FRAMES, WIDTH

_RATED_CLIPS = 64
_SHAPE = {name: tf.io.FixedLenFeature([], tf.int64) for name in (NUM_FRAMES, HEIGHT, WIDTH)}


def stored_shape(paths: Sequence[str]) -> tuple[int, int, int] | None:
    """Read the shape of the first clip, which all clips of an ingest share.

    Args:
        paths: Gzip TFRecord files of raw examples. Files without a record are skipped.

    Returns:
        (T, H, W), or None if there is no clip.

    Raises:
        tf.errors.OpError: A file cannot be read, or a record is not a clip.
    """
    for record in tf.data.TFRecordDataset(list(paths), compression_type="GZIP").take(1):
        parsed = tf.io.parse_single_example(record, _SHAPE)
        return int(parsed[NUM_FRAMES]), int(parsed[HEIGHT]), int(parsed[WIDTH])
    return None


def stored_fps(paths: Sequence[str]) -> float | None:
    """Read the usual frame rate of clips: the median of the first ones.

    Args:
        paths: Gzip TFRecord files of raw examples.

    Returns:
        Frames per second, or None if these clips have no frame rate. Damaged files give no rate. Those who
        read their clips report the damage.
    """
    records = tf.data.TFRecordDataset(list(paths), compression_type="GZIP").take(_RATED_CLIPS)
    rate = {FPS: tf.io.FixedLenFeature([], tf.float32, default_value=0.0)}
    parsed = []
    with suppress(tf.errors.OpError):
        for record in records:
            parsed.append(float(tf.io.parse_single_example(record, rate)[FPS]))
    known = [fps for fps in parsed if fps > 0]
    return median(known) if known else None


def resized_frames(
    frames: tf.Tensor,
    height: tf.Tensor,
    width: tf.Tensor,
    num_frames: int,
    size: int,
    resize_filter: str,
) -> tf.Tensor:
    """Decode and resize a batch of stored clips.

    Args:
        frames: Raw bytes, string [B] or [B, 1]. All clips of a batch have the same size.
        height: Height of the stored frames, int64 [].
        width: Width of the stored frames, int64 [].
        num_frames: Frames of each clip, T.
        size: Height and width of the result in pixels.
        resize_filter: Filter for frames of another size, "area" or "bilinear".

    Returns:
        float32 [B, T, size, size, 3] in [0, 255].
    """
    pixels = tf.io.decode_raw(tf.reshape(frames, [-1]), tf.uint8)  # [B, T * height * width * 3]
    # The frames of all clips, one after the other. The reshape fails if a clip has another number of frames.
    count = tf.shape(pixels, tf.int64)[0] * num_frames
    frames = tf.reshape(pixels, tf.stack([count, height, width, 3]))
    resized = tf.cond(
        (height == size) & (width == size),
        lambda: tf.cast(frames, tf.float32),
        lambda: tf.image.resize(frames, [size, size], method=resize_filter),
    )
    return tf.reshape(resized, [-1, num_frames, size, size, 3])
