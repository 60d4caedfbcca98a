"""Checkpoint file format: named arrays, JSON metadata and a checksum in one file.

The file is an npz archive with the SHA-256 of its bytes appended. `numpy.load` opens it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data import atomic

_ABOUT = "about"
_NAME = re.compile(r"step-\d+\.npz")
_DIGEST_BYTES = hashlib.sha256().digest_size


class DamagedCheckpoint(ValueError):
    """The bytes of a checkpoint file do not match its checksum."""


class SavedState(NamedTuple):
    """Content of a checkpoint."""

    arrays: dict[str, np.ndarray]
    about: dict[str, Any]  # JSON metadata


def checkpoint_path(folder: str, step: int) -> str:
    """The path of a step's checkpoint, such as `step-00000500.npz`, in the folder of its training."""
    return f"{folder}/step-{step:08d}.npz"


def checkpoint_paths(folder: str) -> list[str]:
    """The paths of all checkpoints in the folder of a training, oldest first. The folder may be missing."""
    # A glob pattern would fail for folder names with brackets.
    if not tf.io.gfile.isdir(folder):
        return []
    names = sorted(tf.io.gfile.listdir(folder))
    return [f"{folder}/{name}" for name in names if _NAME.fullmatch(name)]


def write_checkpoint(path: str, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    """Write a checkpoint atomically and flush it to disk. A failure leaves no partial file under this name.

    Raises OSError if the file cannot be written, or tf.errors.OpError on a remote file system.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **{_ABOUT: np.array(json.dumps(about))}, **arrays)
    digest = hashlib.sha256(buffer.getbuffer()).digest()
    buffer.seek(0, io.SEEK_END)
    buffer.write(digest)
    atomic.write_file(path, buffer.getbuffer(), durable=True)


def read_checkpoint(path: str) -> SavedState:
    """Read a file that `write_checkpoint` wrote. Raises DamagedCheckpoint if the checksum does not match."""
    with tf.io.gfile.GFile(path, "rb") as file:
        content = memoryview(file.read())
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise DamagedCheckpoint(f"{path} is damaged or truncated: its checksum does not match")
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return SavedState(arrays, json.loads(str(arrays.pop(_ABOUT))))
