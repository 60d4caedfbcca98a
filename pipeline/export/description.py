"""The file formats, and the JSON file beside an exported file."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

Format = Literal["tflite", "onnx"]
FORMATS: tuple[Format, ...] = get_args(Format)
DESCRIPTION_SUFFIX = ".json"  # after the name of the exported file


class Array(BaseModel):
    """Shape and type of an input or output."""

    model_config = ConfigDict(frozen=True)

    shape: tuple[int, ...]
    dtype: str


class FileDescription(BaseModel):
    """Content of the JSON file beside an exported file."""

    model_config = ConfigDict(frozen=True)

    format_version: Literal[1] = 1
    format: Format
    inputs: dict[str, Array]  # by name
    outputs: dict[str, Array]
    labels: tuple[str, ...]  # in the order of the class ids; empty for a model without classes
    frame_rate: float | None  # of the clips in frames per second; None if not known
