"""Program of a process that loads a SavedModel and calls its signatures, with TensorFlow alone.

    python -I model_process.py MODEL REQUESTS

REQUESTS is JSON: signature -> input -> value. Inputs of other signatures are outputs of an earlier signature with the
same names, or zeros. Writes each step to standard output before it begins, and at the end `done` or `failed: <reason>`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import tensorflow as tf


def main(folder: str, requests: dict[str, dict[str, Any]]) -> None:
    """Loads the model and calls each signature once, those with requests first."""
    _say("loading it")
    signatures = tf.saved_model.load(folder).signatures
    if not signatures:
        raise ValueError("it has no signatures")
    answers: dict[str, tf.Tensor] = {}
    for name in sorted(signatures, key=lambda name: (name not in requests, name)):
        _say(f"calling {name}")
        _, inputs = signatures[name].structured_input_signature
        values = requests.get(name, {})
        answer = signatures[name](
            **{
                key: _tensor(spec, values.get(key), answers.get(key))
                for key, spec in inputs.items()
            }
        )
        for value in answer.values():
            value.numpy()  # waits for the result
        answers |= answer


def _tensor(spec: tf.TensorSpec, value: Any, answer: tf.Tensor | None) -> tf.Tensor:
    if value is not None:
        return tf.constant(value, spec.dtype)
    if (
        answer is not None
        and spec.dtype == answer.dtype
        and spec.shape.is_compatible_with(answer.shape)
    ):
        return answer
    shape = [1 if size is None else size for size in spec.shape]
    return tf.fill(shape, "") if spec.dtype == tf.string else tf.zeros(shape, spec.dtype)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1], json.loads(sys.argv[2]))
    except Exception as error:  # whatever a model can do wrong
        lines = str(error).strip().splitlines() or [""]
        _say(f"failed: {type(error).__name__}: {lines[0]}")
    else:
        _say("done")
