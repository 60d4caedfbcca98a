"""Exports a model to a file for another runtime, with a description beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data import atomic
from mocogan.data.address import is_remote
from mocogan.data.quiet_xla import start_xla
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.export.conversion import (
    CLIPS,
    run_onnx,
    run_tflite,
    to_onnx,
    to_tflite,
)
from mocogan.pipeline.export.description import DESCRIPTION_SUFFIX, Array, FileDescription, Format
from mocogan.pipeline.model_choice import ChosenModel, choose_model
from mocogan.pipeline.output_folder import check_writable, not_writable
from mocogan.trainer.contract import ANY_CATEGORY, ModelDescription

_MAX_DIFFERENCE = 1  # gray level. Other runtimes round sums in another order.


class ExportRefused(ExpectedError):
    """There is no model, or it cannot be exported."""


class Exported(NamedTuple):
    """What was written."""

    path: str
    description_path: str
    size: int  # of the file, in bytes
    difference: int  # gray levels between a clip of the file and of the SavedModel


class _Runtime(NamedTuple):
    convert: Callable[[Any], bytes]
    run: Callable[[bytes, Mapping[str, np.ndarray]], np.ndarray]


_RUNTIMES: dict[Format, _Runtime] = {
    "tflite": _Runtime(to_tflite, run_tflite),
    "onnx": _Runtime(to_onnx, run_onnx),
}


def export_model(
    path: str | None, file_format: Format, out: str | None = None, force: bool = False
) -> Exported:
    """Writes the generator of a SavedModel as one file, and runs it once to compare it with the SavedModel.

    Args:
        path: A SavedModel, a folder of numbered versions, or the output folder of runs, see `choose_model`.
        file_format: `tflite` or `onnx`.
        out: Local file to write, which may exist. Its folder is made. None: `model.tflite` or `model.onnx` in
            the current folder.
        force: In the output folder of runs, takes the newest trained model, blessed or not.

    Raises:
        ModelRefused: There is no such model.
        ExportRefused: An older version exported it.
        OutNotWritable: The file cannot be written.
        NotConverted: The packages for the format are not installed.
    """
    out = f"model.{file_format}" if out is None else out
    if not out or is_remote(out) or os.path.isdir(out):
        raise ExportRefused(f"--out must be a local file, got {out!r}")
    check_writable(out, os.path.dirname(os.path.abspath(out)))
    model, description = _load(choose_model(path, force))
    runtime = _RUNTIMES[file_format]
    content = runtime.convert(model)
    difference = _difference(model, lambda inputs: runtime.run(content, inputs))
    if difference > _MAX_DIFFERENCE:
        raise ExportRefused(
            f"a clip of the {file_format} file differs from the model's by {difference} gray levels, "
            f"allowed is {_MAX_DIFFERENCE}. Nothing was written"
        )
    text = _describe(model, file_format, description).model_dump_json(indent=2)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
        atomic.write_file(out + DESCRIPTION_SUFFIX, text.encode())
        atomic.write_file(out, content)
    except OSError as error:
        raise not_writable(out, error) from error
    return Exported(out, out + DESCRIPTION_SUFFIX, len(content), difference)


def _load(chosen: ChosenModel) -> tuple[Any, ModelDescription | None]:
    folder = chosen.folder
    start_xla()  # models that were trained on a CPU use it
    try:
        model = tf.saved_model.load(folder)
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise ExportRefused(f"the model in {folder} cannot be read: {error}") from error
    if not hasattr(model, "render_one"):
        raise ExportRefused(
            f"the model in {folder} has no function render_one. It is from an older version or another "
            "project. Train it with this version"
        )
    return model, chosen.description


def _difference(model: Any, run: Callable[[Mapping[str, np.ndarray]], np.ndarray]) -> int:
    """Largest difference of a clip in gray levels, between the SavedModel and `run`."""
    num_frames = _output(model).shape[1]
    latents = model.latents(
        tf.zeros([1], tf.int64), tf.constant([ANY_CATEGORY], tf.int64), tf.constant(num_frames)
    )
    wanted = model.render_one(**latents)[CLIPS].numpy().astype(int)
    made = run({name: latent.numpy() for name, latent in latents.items()})
    return int(np.abs(made - wanted).max())


def _describe(
    model: Any, file_format: Format, description: ModelDescription | None
) -> FileDescription:
    [function] = model.render_one.concrete_functions
    inputs, _ = function.structured_input_signature
    return FileDescription(
        format=file_format,
        inputs={
            spec.name: _array(spec) for spec in inputs if spec is not None
        },  # no captions: None
        outputs={CLIPS: _array(_output(model))},
        labels=description.labels if description else (),
        frame_rate=description.frame_rate if description else None,
    )


def _output(model: Any) -> tf.TensorSpec:
    [function] = model.render_one.concrete_functions
    return function.structured_outputs[CLIPS]


def _array(spec: tf.TensorSpec) -> Array:
    return Array(shape=tuple(spec.shape), dtype=spec.dtype.name)
