"""A checkpoint as one file: named arrays, what is known about them, and a checksum.

It is an npz file, which `numpy.load` opens, with the SHA-256 of its bytes behind it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data import atomic

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
    digest = hashlib.sha256(buffer.getbuffer()).digest()
    buffer.seek(0, io.SEEK_END)
    buffer.write(digest)
    atomic.write_file(path, buffer.getbuffer(), durable=True)


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
