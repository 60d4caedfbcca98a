"""Between arrays and the JSON of TensorFlow Serving's REST interface.

https://www.tensorflow.org/tfx/serving/api_rest
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from mocogan.pipeline.serving.model.signature_calls import Arrays, Signature
from mocogan.pipeline.serving.refusals import Refusal

_B64 = "b64"
_BINARY_SUFFIX = "_bytes"  # names of outputs whose strings are no text
_MOST_DIMENSIONS = 8
# The numbers 0 to 255 with a comma and spaces, so that each has the same width.
_NUMBERS = np.array([f"{number},".ljust(4).encode() for number in range(256)], "S4")


class PredictBody:
    """The body of a request: a signature, and inputs in rows or columns."""

    def __init__(self, content: bytes) -> None:
        """Reads a body. Raises Refusal if it is not valid."""
        try:
            body = json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise Refusal("INVALID_ARGUMENT", f"JSON Parse error: {error}") from error
        if not isinstance(body, dict):
            raise Refusal("INVALID_ARGUMENT", "Request must be a JSON object")
        name = body.get("signature_name", "")
        if not isinstance(name, str):
            raise Refusal("INVALID_ARGUMENT", "signature_name must be a string")
        self.signature_name = name
        self.in_rows = "instances" in body
        if self.in_rows == ("inputs" in body):
            raise Refusal(
                "INVALID_ARGUMENT",
                "Request must have one of the keys 'instances' (rows) and 'inputs' (columns)",
            )
        self._content = body["instances" if self.in_rows else "inputs"]

    def arrays(self, signature: Signature) -> Arrays:
        """The inputs of the signature. Raises Refusal if they have other types."""
        columns = self._columns(signature)
        return {
            name: _array(name, value, signature.inputs[name])
            for name, value in columns.items()
            if name in signature.inputs or _unknown(name, signature)
        }

    def _columns(self, signature: Signature) -> dict[str, Any]:
        if not self.in_rows:
            if isinstance(self._content, dict) and _B64 not in self._content:
                return self._content
            return {_only_input(signature): self._content}
        rows = self._content
        if not isinstance(rows, list) or not rows:
            raise Refusal("INVALID_ARGUMENT", "'instances' must be a list that is not empty")
        if not all(isinstance(row, dict) and _B64 not in row for row in rows):
            return {_only_input(signature): rows}
        if any(row.keys() != rows[0].keys() for row in rows):
            raise Refusal("INVALID_ARGUMENT", "all instances must have the same keys")
        return {name: [row[name] for row in rows] for name in rows[0]}


def encode_response(outputs: Mapping[str, np.ndarray], in_rows: bool) -> bytes:
    """Encodes outputs as the body of a response.

    Args:
        outputs: Array of each output. A single output is written without its name.
        in_rows: Whether the answer has an object per row (`predictions`) or a list per output (`outputs`).

    Raises:
        Refusal: The outputs have no rows, or different numbers of rows.
    """
    if in_rows:
        return b'{"predictions": ' + _rows(outputs) + b"}"
    return (
        b'{"outputs": '
        + _object({name: _json(name, array) for name, array in outputs.items()})
        + b"}"
    )


def _rows(outputs: Mapping[str, np.ndarray]) -> bytes:
    if len({array.shape[:1] or (-1,) for array in outputs.values()}) != 1 or any(
        not array.ndim for array in outputs.values()
    ):
        raise Refusal(
            "INVALID_ARGUMENT", 'the outputs have no rows in common. Use the form {"inputs": {…}}'
        )
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        return _json(name, array)
    count = len(next(iter(outputs.values())))
    rows = (
        _object({name: _json(name, array[number, ...]) for name, array in outputs.items()})
        for number in range(count)
    )
    return b"[" + b", ".join(rows) + b"]"


def _object(values: Mapping[str, bytes]) -> bytes:
    if len(values) == 1:
        return next(iter(values.values()))
    return b"{" + b", ".join(json.dumps(k).encode() + b": " + v for k, v in values.items()) + b"}"


def _json(name: str, array: np.ndarray) -> bytes:
    if array.dtype == np.uint8 and array.ndim and array.size:
        return _uint8_json(array)
    if array.dtype == object:
        convert = _binary if name.endswith(_BINARY_SUFFIX) else _text
        return json.dumps(_mapped(array.tolist(), convert)).encode()
    return json.dumps(array.tolist()).encode()


def _uint8_json(array: np.ndarray) -> bytes:
    """Encodes pixels many times as fast as `json.dumps`: in numpy, where each number has four bytes first."""
    text = _NUMBERS[array].view(np.uint8).reshape(*array.shape[:-1], -1)
    for _ in array.shape:
        _blank_last_comma(text)
        edges = (*text.shape[:-1], 1)
        begin, end, comma = (np.full(edges, ord(mark), np.uint8) for mark in "[],")
        text = np.concatenate([begin, text, end, comma], axis=-1)
        text = text.reshape(*text.shape[:-2], -1) if text.ndim > 1 else text
    flat = text[:-1]
    return bytes(flat[flat != ord(" ")])


def _blank_last_comma(text: np.ndarray) -> None:
    """Removes the comma after the last element of each list, which has up to three spaces behind it."""
    end = text[..., -4:]
    end[end == ord(",")] = ord(" ")


def _mapped(value: Any, convert: Any) -> Any:
    return [_mapped(part, convert) for part in value] if isinstance(value, list) else convert(value)


def _binary(value: bytes) -> dict[str, str]:
    return {_B64: base64.b64encode(value).decode("ascii")}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _array(name: str, value: Any, spec: tf.TensorSpec) -> np.ndarray:
    flat: list[Any] = []
    shape = _flatten(name, value, flat, 0)
    if spec.dtype == tf.string:
        array = np.empty(len(flat), object)
        array[:] = [_string(name, part) for part in flat]
        return array.reshape(shape)
    for part in flat:
        _check_number(name, part, spec.dtype)
    try:
        return np.array(flat, spec.dtype.as_numpy_dtype).reshape(shape)
    except OverflowError as error:
        raise Refusal(
            "INVALID_ARGUMENT", f"input {name!r} has a number out of the range of {spec.dtype.name}"
        ) from error


def _flatten(name: str, value: Any, flat: list[Any], depth: int) -> tuple[int, ...]:
    """Appends the scalars of nested lists, and returns their shape."""
    if not isinstance(value, list):
        flat.append(value)
        return ()
    if depth >= _MOST_DIMENSIONS:
        raise Refusal(
            "INVALID_ARGUMENT", f"input {name!r} has more than {_MOST_DIMENSIONS} dimensions"
        )
    shapes = {_flatten(name, part, flat, depth + 1) for part in value}
    if len(shapes) > 1:
        raise Refusal("INVALID_ARGUMENT", f"input {name!r} has lists of different lengths")
    return (len(value), *(shapes.pop() if shapes else ()))


def _check_number(name: str, value: Any, dtype: tf.DType) -> None:
    allowed: tuple[type, ...] = (
        (bool,) if dtype.is_bool else (int,) if dtype.is_integer else (int, float)
    )
    if not isinstance(value, allowed) or (isinstance(value, bool) and not dtype.is_bool):
        shown = json.dumps(value)[:40]
        raise Refusal("INVALID_ARGUMENT", f"input {name!r} must be {dtype.name}, got {shown}")


def _string(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, dict) and value.keys() == {_B64} and isinstance(value[_B64], str):
        try:
            return base64.b64decode(value[_B64], validate=True)
        except binascii.Error as error:
            raise Refusal(
                "INVALID_ARGUMENT", f"input {name!r} is not valid base64: {error}"
            ) from error
    raise Refusal(
        "INVALID_ARGUMENT",
        f'input {name!r} must be a string or {{"b64": …}}, got {json.dumps(value)[:40]}',
    )


def _only_input(signature: Signature) -> str:
    if len(signature.inputs) != 1:
        names = ", ".join(sorted(signature.inputs))
        raise Refusal(
            "INVALID_ARGUMENT",
            f"signature {signature.name!r} has several inputs, so name them: {names}",
        )
    return next(iter(signature.inputs))


def _unknown(name: str, signature: Signature) -> bool:
    raise Refusal(
        "INVALID_ARGUMENT",
        f"signature {signature.name!r} has no input {name[:100]!r}. It has {', '.join(sorted(signature.inputs))}",
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
