"""A checkpoint as one file: named arrays, what is known about them, and a checksum.

It is an npz file, which `numpy.load` opens, with the SHA-256 of its bytes behind it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

UNFINISHED = ".partial"  # ending of a file that is still being written

_ABOUT = "about"
_DIGEST_BYTES = hashlib.sha256().digest_size


class DamagedCheckpoint(ValueError):
    """A file whose bytes are not those that were written."""


class SavedState(NamedTuple):
    """What a checkpoint holds."""

    arrays: dict[str, np.ndarray]
    about: dict[str, Any]  # as JSON takes it


def write_checkpoint(path: str, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    """Writes a file that is there whole, on the disk and not only in memory, or not at all.

    Raises OSError, or on a remote file system tf.errors.OpError, when it cannot be written.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **{_ABOUT: np.array(json.dumps(about))}, **arrays)
    content = buffer.getbuffer()
    digest = hashlib.sha256(content).digest()
    aside = path + UNFINISHED
    if "://" in path:
        with tf.io.gfile.GFile(aside, "wb") as remote:
            remote.write(content.tobytes() + digest)
        tf.io.gfile.rename(aside, path, overwrite=True)
        return
    try:
        with open(aside, "wb") as file:
            file.write(content)
            file.write(digest)
            file.flush()
            os.fsync(
                file.fileno()
            )  # or a power cut could leave the new name with no bytes behind it
        os.replace(aside, path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise
    _flush_folder(os.path.dirname(path))


def read_checkpoint(path: str) -> SavedState:
    """What `write_checkpoint` wrote. Raises DamagedCheckpoint when the bytes do not fit their checksum."""
    with tf.io.gfile.GFile(path, "rb") as file:
        content = memoryview(file.read())
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise DamagedCheckpoint(f"{path} is damaged or cut off: its checksum is wrong")
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return SavedState(arrays, json.loads(str(arrays.pop(_ABOUT))))


def _flush_folder(folder: str) -> None:
    """Makes the new name outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
