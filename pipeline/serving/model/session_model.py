"""A SavedModel in a session of its own, as TensorFlow Serving loads it.

A process that loads models with `tf.saved_model.load` keeps a part of each of them: 200 MB for a model of 4 MB. A
session gives all memory back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

_TAG = "serve"
_INTERNAL = "__"  # begins the name of what is no signature


class SessionModel:
    """A loaded model. Its `signatures` can be used as those of `tf.saved_model.load`, but return arrays.

    The session is closed when nothing refers to the model any longer.
    """

    def __init__(self, path: str) -> None:
        """Loads the model. Raises OSError, ValueError or tf.errors.OpError."""
        graph = tf.Graph()
        with graph.as_default(), _without_deprecations():
            session = tf.compat.v1.Session(graph=graph)
            try:
                loaded = tf.compat.v1.saved_model.loader.load(session, [_TAG], path)
            except RuntimeError as error:
                raise ValueError(f"it has no graph with the tag {_TAG!r}") from error
        self.signatures = {
            name: SessionSignature(session, definition)
            for name, definition in loaded.signature_def.items()
            if not name.startswith(_INTERNAL)
        }


class SessionSignature:
    """A function of a loaded model.

    Attributes:
        structured_input_signature: No positional inputs, and the inputs by name.
        structured_outputs: The outputs by name.
    """

    def __init__(self, session: tf.compat.v1.Session, definition: Any) -> None:
        self._session = session
        self._inputs = {name: info.name for name, info in definition.inputs.items()}
        self._outputs = {name: info.name for name, info in definition.outputs.items()}
        inputs = {name: _spec(name, info) for name, info in definition.inputs.items()}
        self.structured_input_signature = ((), inputs)
        self.structured_outputs = {
            name: _spec(name, info) for name, info in definition.outputs.items()
        }

    def __call__(self, **inputs: Any) -> dict[str, np.ndarray]:
        """Arrays or tensors by name -> arrays by name. Raises tf.errors.OpError."""
        feeds = {self._inputs[name]: np.asarray(value) for name, value in inputs.items()}
        outputs = self._session.run(self._outputs, feeds)
        return {name: np.asarray(value) for name, value in outputs.items()}


def _spec(name: str, info: Any) -> tf.TensorSpec:
    return tf.TensorSpec(tf.TensorShape(info.tensor_shape), tf.as_dtype(info.dtype), name)


@contextmanager
def _without_deprecations() -> Iterator[None]:
    """Hides that sessions are an interface of TensorFlow 1."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
