"""Keeps features on disk, so that the same clips are not measured twice."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from mocogan.data import atomic

Arrays = dict[str, np.ndarray]

MAX_BYTES = 4 << 30  # of all files of a local folder

# What numpy and zipfile raise for damaged files. RuntimeError: a method of compression or encryption that they lack.
_UNREADABLE = (ValueError, OSError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)


class FeatureCache:
    """Arrays by content: the key covers the clips and the version of the code, so a stale value is never found."""

    def __init__(self, folder: str | None, version: str = "", max_bytes: int = MAX_BYTES) -> None:
        """Use a folder.

        Args:
            folder: Folder for the files, local or an address such as gs://bucket/name. None: nothing is kept.
            version: Version of the code that computes the arrays. Another version finds nothing.
            max_bytes: Size of a local folder, above which the files that were used least recently are removed.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._version = version

    def get(self, key: str, compute: Callable[[], Arrays]) -> Arrays:
        """Return the arrays under `key`, or compute and keep them.

        A file that cannot be read is computed again. If the folder cannot be written, for example because the disk is
        full, the arrays are not kept.
        """
        if self._folder is None:
            return compute()
        name = hashlib.sha256(f"{self._version}\n{key}".encode()).hexdigest()[:32]
        path = f"{self._folder}/{name}.npz"
        arrays = _read(path)
        if arrays is None:
            arrays = compute()
            content = io.BytesIO()
            np.savez(content, **arrays)
            with contextlib.suppress(OSError, tf.errors.OpError):
                tf.io.gfile.makedirs(self._folder)
                atomic.write_file(path, content.getvalue())
                _keep_newest(self._folder, self._max_bytes)
        else:
            with contextlib.suppress(OSError):  # of somebody else, or remote
                os.utime(path)  # it was used
        return arrays


def digest(*arrays: np.ndarray) -> str:
    """Return a key of the content of arrays: 32 hex digits."""
    result = hashlib.sha256()
    for array in arrays:
        result.update(f"{array.shape} {array.dtype}".encode())
        result.update(np.ascontiguousarray(array).data)
    return result.hexdigest()[:32]


def _keep_newest(folder: str, max_bytes: int) -> None:
    """Remove the files that were used least recently. Does nothing for a remote folder."""
    used = {path: path.stat() for path in Path(folder).glob("*.npz")}
    total = 0
    for path in sorted(used, key=lambda path: used[path].st_mtime_ns, reverse=True):
        total += used[path].st_size
        if total > max_bytes:
            path.unlink(missing_ok=True)  # another process may have removed it


def _read(path: str) -> Arrays | None:
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        content = io.BytesIO(file.read())
    try:
        with np.load(content, allow_pickle=False) as arrays:
            return dict(arrays)
    except _UNREADABLE:
        return None
