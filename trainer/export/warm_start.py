"""Starts a training from the weights of an exported model: what fits is taken, and the rest is named.

An exported model has a generator only. So the discriminators, the optimizers and the schedule start anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import Base, WarmStart, read_model_description
from mocogan.trainer.state import TrainingState


class _Names(NamedTuple):
    """What rows of a variable stand for, in their order: classes or words."""

    number: int
    names: Sequence[str]  # empty: not known


class _Rows(NamedTuple):
    """The rows of a variable that stand for classes or words, in the model and in the training."""

    first: int
    before: _Names
    after: _Names


class _Taken(NamedTuple):
    """New values of variables by name, and the variables without a new value, each with the reason."""

    values: dict[str, np.ndarray]
    anew: tuple[str, ...]


def warm_start(
    state: TrainingState, saved_model: str, base: Base, labels: Sequence[str] = ()
) -> WarmStart:
    """Copies weights of an exported SavedModel to the generator and the EMA generator.

    A variable is taken if the model has one of the same name and shape. In variables with a row per class or word, each
    row is taken from the class with the same label or from the same word.

    Args:
        state: State before the first step. It does not change if an error is raised.
        saved_model: Folder of the SavedModel, local or an address.
        base: What is recorded about the model.
        labels: Label of each class, in the order of the training's ids. Empty: there are no classes.

    Returns:
        What was taken, and what was not.

    Raises:
        ValueError: Nothing fits, or it is not a SavedModel of this project.
        tf.errors.OpError: A file cannot be read.
    """
    saved, classes, words = _read(saved_model)
    own, own_words = (
        named_variables(state.generator),
        state.vocabulary.words if state.vocabulary else (),
    )
    own_classes = _Names(state.num_categories, labels)
    rows = {
        name: _Rows(first, classes, own_classes)
        for name, first in state.generator.class_rows.items()
    } | {
        name: _Rows(first, words, _Names(len(own_words), own_words))
        for name, first in state.generator.word_rows.items()
    }
    taken = _take(own, saved, rows)
    if not taken.values:
        reason = taken.anew[0] if saved else "it has no weights of a generator"
        raise ValueError(
            f"nothing of the model {base.folder or saved_model} fits the networks to train, for example {reason}. "
            "Use a model of the same architecture (trainer.model), or set trainer.run.warm_start=none"
        )
    for generator in (state.generator, state.ema_generator):
        for name, variable in named_variables(generator).items():
            if name in taken.values:
                variable.assign(taken.values[name])
    some_rows = any(name in taken.values for name in state.generator.class_rows)
    known = [label for label in labels if some_rows and label in classes.names]
    return WarmStart(
        **base.model_dump(),
        taken=len(taken.values),
        variables=len(own),
        anew=taken.anew,
        unused=tuple(sorted(saved.keys() - own.keys())),
        known_classes=tuple(known),
        new_classes=tuple(label for label in labels if label not in known),
    )


def _read(folder: str) -> tuple[dict[str, np.ndarray], _Names, _Names]:
    """The weights of a SavedModel by name, its classes and its words."""
    model = tf.saved_model.load(folder)
    weights = dict(getattr(model, "generator_weights", {}))
    saved = {name: variable.numpy() for name, variable in weights.items()}
    description = read_model_description(folder)
    count = model.drawing.class_counts.shape[0] if hasattr(model, "drawing") else 0
    labels, words = (description.trained_labels, description.words) if description else ((), ())
    return saved, _Names(count, labels), _Names(len(words), words)


def _take(
    own: Mapping[str, tf.Variable], saved: Mapping[str, np.ndarray], rows: Mapping[str, _Rows]
) -> _Taken:
    values, anew = {}, []
    for name, variable in sorted(own.items()):
        if name not in saved:
            anew.append(f"{name}: the model has none")
            continue
        initial, found = variable.numpy(), saved[name]
        if name in rows:
            found = _with_rows(initial, found, rows[name])
        if found.shape == initial.shape:
            values[name] = found
        else:
            anew.append(f"{name}: {_shape(initial)}, in the model {_shape(saved[name])}")
    return _Taken(values, tuple(anew))


def _with_rows(initial: np.ndarray, found: np.ndarray, named: _Rows) -> np.ndarray:
    """Gives `found` the rows of the training: those of the same name, otherwise the initial rows."""
    first, before, after = named
    if found.shape[1:] != initial.shape[1:] or len(found) < first + before.number:
        return found
    rows = initial[first : first + after.number].copy()
    places = {name: number for number, name in enumerate(before.names)}
    for number, name in enumerate(after.names):
        if name in places:
            rows[number] = found[first + places[name]]
    return np.concatenate([found[:first], rows, found[first + before.number :]])


def _shape(array: np.ndarray) -> str:
    return "x".join(map(str, array.shape)) or "one number"
