from __future__ import annotations

import pytest
import tensorflow as tf

from mocogan.trainer.export.classes import Classes

BY_FREQUENCY = ["walk", "run", "jump"]


def test_public_ids_follow_the_alphabet() -> None:
    classes = Classes(3, BY_FREQUENCY)
    assert classes.labels == ("jump", "run", "walk")
    assert classes.trained_ids(tf.constant([0, 1, 2, -1], tf.int64)).numpy().tolist() == [
        2,
        1,
        0,
        -1,
    ]
    assert classes.public_ids(tf.eye(3)).numpy().tolist() == [2, 1, 0]


def test_a_scalar_stays_a_scalar() -> None:
    assert Classes(3, BY_FREQUENCY).trained_ids(tf.constant(2, tf.int64)).numpy() == 0


def test_labels_give_ids() -> None:
    ids = Classes(3, BY_FREQUENCY).ids_of(tf.constant(["walk", "", "jump"]))
    assert ids.numpy().tolist() == [2, -1, 0]


def test_an_unknown_label_is_named_beside_the_known_ones() -> None:
    wanted = r"(?s)Known labels: jump, run, walk. Unknown:.*wlak"
    with pytest.raises(tf.errors.InvalidArgumentError, match=wanted):
        Classes(3, BY_FREQUENCY).ids_of(tf.constant(["walk", "wlak"]))


def test_without_labels_ids_are_those_of_the_training() -> None:
    classes = Classes(2)
    assert classes.labels == ()
    assert classes.trained_ids(tf.constant([1, 0], tf.int64)).numpy().tolist() == [1, 0]


def test_without_classes_any_is_the_only_one() -> None:
    classes = Classes(0)
    assert classes.trained_ids(tf.constant([-1], tf.int64)).numpy().tolist() == [-1]
    assert classes.public_ids(tf.zeros([2, 0])).numpy().tolist() == [-1, -1]
    assert classes.ids_of(tf.constant([""])).numpy().tolist() == [-1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Known labels: none"):
        classes.ids_of(tf.constant(["walk"]))


def test_each_class_needs_a_label() -> None:
    with pytest.raises(ValueError, match="3 classes, but 2 labels"):
        Classes(3, ["walk", "run"])
