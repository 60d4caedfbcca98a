"""The description of generated files, `generated.json`."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

RESULT_FILE = "generated.json"
_PACKAGES = ("mocogan-tfx", "tensorflow", "numpy", "av", "pillow")


class GeneratedFile(BaseModel):
    """A file with one clip, grid, matrix or interpolation."""

    model_config = ConfigDict(frozen=True)

    file: str  # name in the folder
    sha256: str
    seeds: tuple[int, ...]  # of clips, of the contents of a matrix, or of keyframes
    motion_seeds: tuple[int, ...] | None = None  # of a matrix
    labels: tuple[
        str | None, ...
    ]  # class of each seed, of each motion seed in a matrix; null: not known


class UsedModel(BaseModel):
    """The model that drew the clips."""

    model_config = ConfigDict(frozen=True)

    path: str  # absolute
    sha256: str  # see `model_sha256`


class Generated(BaseModel):
    """Content of RESULT_FILE."""

    model_config = ConfigDict(frozen=True)

    format_version: Literal[1] = 1
    command: str
    model: UsedModel
    format: str
    fps: float
    frames: int  # of each file
    scale: int
    truncation: float
    caption: str | None = None  # of all clips; null: any caption
    notes: tuple[str, ...]
    files: tuple[GeneratedFile, ...]
    versions: dict[str, str]  # of packages and Python


def used_versions() -> dict[str, str]:
    """The versions of the packages that draw and encode clips, and of Python."""
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {**versions, "python": platform.python_version()}


def earlier_files(folder: str) -> tuple[str, ...]:
    """Names of the files of an earlier result in `folder`. Empty without one."""
    try:
        content = Path(folder, RESULT_FILE).read_bytes()
        return tuple(file.file for file in Generated.model_validate_json(content).files)
    except (OSError, ValidationError):
        return ()
