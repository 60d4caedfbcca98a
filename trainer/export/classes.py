"""The classes of an exported model: their ids are in the alphabetical order of their labels.

A training numbers its classes by frequency. That order changes with the data, so the users of a model do not see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from mocogan.trainer.contract import ANY_CATEGORY


class Classes:
    """Converts labels and public ids to the ids of the training. Errors are InvalidArgumentErrors in the graph."""

    def __init__(self, num_categories: int, trained_labels: Sequence[str] = ()) -> None:
        """`trained_labels`: the label of each class of the training. Empty: the public ids are those of the training.

        Raises ValueError if the number of labels differs from `num_categories`.
        """
        if trained_labels and len(trained_labels) != num_categories:
            raise ValueError(
                f"the model has {num_categories} classes, but {len(trained_labels)} labels: {trained_labels}"
            )
        self.count = num_categories
        labels = trained_labels or range(num_categories)
        self._trained_ids = sorted(range(num_categories), key=labels.__getitem__)
        self.labels = tuple(
            trained_labels[number] for number in self._trained_ids if trained_labels
        )

    def trained_ids(self, ids: tf.Tensor, lowest: int = ANY_CATEGORY) -> tf.Tensor:
        """Public ids int64 -> ids of the training; same shape. ANY_CATEGORY stays ANY_CATEGORY.

        An id below `lowest` or unknown is an error.
        """
        fit = tf.reduce_all((ids >= lowest) & (ids < self.count))
        hint = f" ({ANY_CATEGORY}: any class)" if lowest == ANY_CATEGORY else ""
        message = f"category must be {lowest} to {self.count - 1}{hint}, got"
        with tf.control_dependencies([tf.debugging.Assert(fit, [message, ids])]):
            ids = tf.identity(ids)
        if not self.count:
            return ids
        trained = tf.gather(tf.constant(self._trained_ids, tf.int64), tf.maximum(ids, 0))
        return tf.where(ids < 0, ids, trained)

    def public_ids(self, one_hot: tf.Tensor) -> tf.Tensor:
        """One-hot classes of the training [N, K] -> public ids int64 [N]; ANY_CATEGORY without classes."""
        if not self.count:
            return tf.fill(tf.shape(one_hot)[:1], tf.constant(ANY_CATEGORY, tf.int64))
        return tf.argmax(tf.gather(one_hot, self._trained_ids, axis=1), axis=1)

    def ids_of(self, labels: tf.Tensor) -> tf.Tensor:
        """Labels, string [N] -> public ids int64 [N]. The empty string means any class. Others are errors."""
        is_any = labels == ""
        ids = tf.fill(tf.shape(labels), tf.constant(ANY_CATEGORY, tf.int64))
        known = is_any
        if self.labels:
            same = labels[:, tf.newaxis] == tf.constant(self.labels)
            known |= tf.reduce_any(same, axis=1)
            ids = tf.where(is_any, ids, tf.argmax(tf.cast(same, tf.int32), axis=1))
        unknown = tf.boolean_mask(labels, ~known)
        message = f"no such label. Known labels: {', '.join(self.labels) or 'none'}. Unknown:"
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.reduce_all(known), [message, unknown])]
        ):
            return tf.identity(ids)
