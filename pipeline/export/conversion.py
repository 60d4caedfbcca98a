"""Converts the function `render_one` of an exported SavedModel, and runs the result.

The graph has no random numbers and no loops, and all its shapes are known. So the formats need only operations that
every runtime has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tensorflow.python.util import deprecation

from mocogan.pipeline.errors import ExpectedError

CLIPS = "clips"  # name of the output
_OPSET = 17  # of ONNX. It is from 2022, so most runtimes know it.
_COMPILED = ("_XlaMustCompile", "_noinline")  # attributes of functions that XLA compiles


class NotConverted(ExpectedError):
    """The model cannot be written in the format."""


def to_tflite(model: Any) -> bytes:
    """A TFLite file with built-in operations only, from a loaded SavedModel. Its signature is `serving_default`."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([_function(model)], model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    content: bytes = converter.convert()
    return content


def run_tflite(content: bytes, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Runs a file of `to_tflite` -> clips [1, T, H, W, 3] uint8."""
    interpreter = tf.lite.Interpreter(model_content=content)
    clips: np.ndarray = interpreter.get_signature_runner()(**inputs)[CLIPS]
    return clips


def to_onnx(model: Any) -> bytes:
    """An ONNX file, from a loaded SavedModel. Raises NotConverted if the packages for ONNX are not installed."""
    tf2onnx = _onnx_packages()[0]
    frozen = convert_variables_to_constants_v2(_function(model))
    names = [tensor.name for tensor in frozen.inputs]
    [output] = frozen.outputs
    with deprecation.silence():  # tf2onnx calls functions that TensorFlow calls deprecated
        converted, _ = tf2onnx.convert.from_graph_def(
            _without_compiled_functions(frozen),
            name="mocogan",
            input_names=names,
            output_names=[output.name],
            opset=_OPSET,
            tensors_to_rename={output.name: CLIPS, **{name: name.split(":")[0] for name in names}},
        )
    content: bytes = converted.SerializeToString()
    return content


def run_onnx(content: bytes, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Runs a file of `to_onnx` on the CPU -> clips [1, T, H, W, 3] uint8."""
    onnxruntime = _onnx_packages()[1]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    clips: np.ndarray = session.run([CLIPS], dict(inputs))[0]
    return clips


def _function(model: Any) -> Any:
    [function] = model.render_one.concrete_functions
    return function


def _without_compiled_functions(frozen: Any) -> Any:
    """The function's graph, in which tf2onnx can replace calls of compiled functions by their operations."""
    graph = frozen.graph.as_graph_def()
    functions = graph.library.function
    for part in (*graph.node, *functions, *(node for each in functions for node in each.node_def)):
        for attribute in _COMPILED:
            part.attr.pop(attribute, None)
    return graph


def _onnx_packages() -> tuple[Any, Any]:
    try:
        import onnxruntime
        import tf2onnx
    except ImportError as error:
        raise NotConverted(
            f"ONNX needs packages that are not installed ({error.name}). Run: pip install 'mocogan-tfx[onnx]'"
        ) from error
    return tf2onnx, onnxruntime
