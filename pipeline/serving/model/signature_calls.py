"""From named arrays to a call of a signature, after a check of everything that the model would fail on late."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.refusals import Refusal

_COUNT, _FRAMES = "num_clips", "num_frames"  # scalar inputs that say how much is drawn
_NOISE = "motion_noise"  # [N, T, De]: its T says how much is drawn

Arrays = dict[str, np.ndarray]


class Signature(NamedTuple):
    """What a signature takes and returns. Shapes have None for sizes that are not fixed."""

    name: str
    inputs: dict[str, tf.TensorSpec]
    outputs: dict[str, tf.TensorSpec]

    @property
    def has_rows(self) -> bool:
        """Whether inputs have a row per clip, so that calls can be joined."""
        return any(map(_is_row, self.inputs.values())) and all(map(_is_row, self.outputs.values()))


class SignatureCall(NamedTuple):
    """A call whose inputs fit the signature and the limits."""

    signature: Signature
    inputs: Arrays
    rows: int | None  # None: the signature has no rows
    clips: int  # how much work it is, at least 1

    @property
    def joins(self) -> tuple[Any, ...] | None:
        """Calls with the same value can be joined along their rows. None: this one cannot."""
        if self.rows is None:
            return None
        fixed = (
            array.shape[1:] if _is_row(self.signature.inputs[name]) else array.tobytes()
            for name, array in sorted(self.inputs.items())
        )
        return (self.signature.name, *fixed)


def read_signature(name: str, function: Any) -> Signature:
    """Reads a signature of a SavedModel that `tf.saved_model.load` returned."""
    return Signature(
        name, dict(function.structured_input_signature[1]), dict(function.structured_outputs)
    )


def check_call(
    signature: Signature, inputs: Mapping[str, np.ndarray], block: int, limits: Limits
) -> SignatureCall:
    """Checks the inputs of a call.

    Args:
        signature: Signature to call.
        inputs: Array of each input, with the dtype of the signature. Strings are arrays of bytes objects.
        block: Frames of a training clip.
        limits: Limits of a request.

    Raises:
        Refusal: An input is missing, unknown, or has another dtype or shape, or too many clips are requested.
    """
    if inputs.keys() != signature.inputs.keys():
        raise Refusal(
            "INVALID_ARGUMENT",
            f"signature {signature.name!r} has the inputs {_listed(signature.inputs)}, "
            f"but the request has {_listed(inputs) or 'none'}",
        )
    for name, array in inputs.items():
        _check_input(name, signature.inputs[name], array)
    rows = _rows(signature, inputs)
    clips = _clips(inputs, rows, block)
    if clips > limits.clips:
        raise Refusal(
            "INVALID_ARGUMENT",
            f"a request may draw at most {limits.clips} clips of {block} frames, this one would draw {clips}",
        )
    return SignatureCall(signature, dict(inputs), rows, max(clips, 1))


def join_calls(calls: list[SignatureCall]) -> Arrays:
    """The inputs of one call with the rows of all. Their `joins` must be equal."""
    first = calls[0]
    if len(calls) == 1:
        return first.inputs
    return {
        name: np.concatenate([call.inputs[name] for call in calls])
        if _is_row(spec)
        else first.inputs[name]
        for name, spec in first.signature.inputs.items()
    }


def split_outputs(outputs: Arrays, calls: list[SignatureCall]) -> list[Arrays]:
    """The inverse of `join_calls`, for outputs. Raises Refusal if the model returned another number of rows."""
    if len(calls) == 1:
        return [outputs]
    ends = np.cumsum([call.rows for call in calls])
    for name, array in outputs.items():
        if len(array) != ends[-1]:
            raise Refusal(
                "INTERNAL", f"the model returned {len(array)} rows of {name}, not {ends[-1]}"
            )
    parts = {name: np.split(array, ends[:-1]) for name, array in outputs.items()}
    return [{name: part[number] for name, part in parts.items()} for number in range(len(calls))]


def _is_row(spec: tf.TensorSpec) -> bool:
    return spec.shape.rank is not None and spec.shape.rank > 0 and spec.shape[0] is None


def _check_input(name: str, spec: tf.TensorSpec, array: np.ndarray) -> None:
    dtype = tf.as_dtype(tf.string if array.dtype == object else array.dtype)
    if dtype != spec.dtype:
        raise Refusal(
            "INVALID_ARGUMENT", f"input {name!r} must be {spec.dtype.name}, got {dtype.name}"
        )
    if not spec.shape.is_compatible_with(array.shape):
        hint = ""
        if spec.shape.rank == 0:
            hint = '. A scalar needs the form {"inputs": {…}}, not "instances"'
        raise Refusal(
            "INVALID_ARGUMENT",
            f"input {name!r} must have the shape {_shown(spec.shape)}, got {list(array.shape)}{hint}",
        )


def _rows(signature: Signature, inputs: Mapping[str, np.ndarray]) -> int | None:
    counts = {name: len(array) for name, array in inputs.items() if _is_row(signature.inputs[name])}
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
        raise Refusal("INVALID_ARGUMENT", f"inputs must have the same number of rows, got {shown}")
    return next(iter(counts.values())) if signature.has_rows else None


def _clips(inputs: Mapping[str, np.ndarray], rows: int | None, block: int) -> int:
    """Clips of `block` frames that a call draws. Negative numbers are left for the model to refuse."""
    count = rows if rows is not None else int(inputs.get(_COUNT, np.array(1)))
    frames = block
    if _FRAMES in inputs:
        frames = int(inputs[_FRAMES])
    elif _NOISE in inputs:
        frames = inputs[_NOISE].shape[1]
    return max(count, 0) * max(math.ceil(frames / block), 1)


def _shown(shape: tf.TensorShape) -> str:
    return f"[{', '.join('N' if size is None else str(size) for size in shape)}]"


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names))
