"""Figures of clips that tell a good generator from a stuck one: how far apart, how moving, how steady they are."""

from __future__ import annotations

import tensorflow as tf

_LARGEST = 16  # pixels: what is judged is where things are and go, not texture


def shrink(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3] -> [N, T, S', S', 3], each pixel the mean of a square; S' is 16 to 31, or S if that is less."""
    factor = clips.shape[2] // _LARGEST
    if factor < 2:
        return clips
    return tf.nn.avg_pool3d(clips, [1, factor, factor], [1, factor, factor], "VALID")


def distances(clips: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3], [M, T, S, S, 3] -> [N, M], root mean square of the differences of their values."""
    # Differences, not products: those of nearly equal clips would drown in rounding.
    differences = _flat(clips)[:, tf.newaxis] - _flat(others)[tf.newaxis]
    return tf.sqrt(tf.reduce_mean(tf.square(differences), axis=2))


def pair_distance(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3] -> scalar, the mean distance of two of them; NaN for one clip."""
    pairs = tf.cast(tf.shape(clips)[0] * (tf.shape(clips)[0] - 1), tf.float32)
    return tf.reduce_sum(distances(clips, clips)) / pairs


def nearest_distance(clips: tf.Tensor, others: tf.Tensor, apart: float = 0.0) -> tf.Tensor:
    """[N, T, S, S, 3], [M, T, S, S, 3] -> scalar, the mean distance from a clip to the nearest of `others`.

    Only those at least `apart` from it count; clips without any are left out; NaN without a clip that has one.
    """
    far = distances(clips, others)
    nearest = tf.reduce_min(tf.where(far >= apart, far, tf.fill(tf.shape(far), far.dtype.max)), 1)
    found = nearest < far.dtype.max
    return tf.reduce_mean(tf.boolean_mask(nearest, found))


def frame_change(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3] -> scalar, root mean square of the change from a frame to the next."""
    return tf.sqrt(tf.reduce_mean(tf.square(_changes(clips))))


def taken_back(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3], T >= 3 -> scalar in [-1, 1]: how much of a change the next frame takes back.

    The negated correlation of neighbouring changes: 1 for two frames that take turns, 1/2 for frames that know nothing
    of each other, 0 or less for steady motion; NaN where nothing changes.
    """
    changes = _changes(clips)
    before, after = changes[:, :-1], changes[:, 1:]
    power = 0.5 * tf.reduce_sum(tf.square(before) + tf.square(after))
    return -tf.reduce_sum(before * after) / power


def contrast(clips: tf.Tensor) -> tf.Tensor:
    """[N, T, S, S, 3] -> scalar, root mean square of a pixel's difference from the mean colour of its frame."""
    return tf.sqrt(tf.reduce_mean(tf.math.reduce_variance(clips, axis=[2, 3])))


def _changes(clips: tf.Tensor) -> tf.Tensor:
    return clips[:, 1:] - clips[:, :-1]


def _flat(clips: tf.Tensor) -> tf.Tensor:
    return tf.reshape(clips, [tf.shape(clips)[0], -1])
