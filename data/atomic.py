"""Atomic writes: files and folders are written under a temporary name, then renamed.

Paths are local paths or addresses such as gs://bucket/name. A killed program may leave a path that
ends in SUFFIX. The next writer of the same path replaces it. A path has one writer at a time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mocogan.data.address import is_remote

SUFFIX = ".partial"  # ending of unfinished files and folders

StrPath = str | os.PathLike[str]


def write_file(
    path: StrPath,
    content: bytes | memoryview,
    durable: bool = False,
    mime_type: str = "application/octet-stream",
) -> None:
    """Writes `content` to `path` and replaces an existing file. The folder must exist.

    `durable` makes a local file survive a power failure. Object stores record `mime_type`.
    Raises OSError, or tf.errors.OpError for an address that only TensorFlow can write.
    """
    with new_file(path, durable) as aside:
        if is_remote(aside):
            _remote_files().write(aside, bytes(content), mime_type)
        else:
            with open(aside, "wb") as file:
                file.write(content)


@contextmanager
def new_file(path: StrPath, durable: bool = False) -> Iterator[str]:
    """Yields the path to write the file to, and renames it to `path` when the block ends.

    An existing file is replaced. On an error nothing changes, and the new file is deleted.
    `durable` and the exceptions are those of write_file.
    """
    aside = _aside(path)
    try:
        yield aside
        if durable and not is_remote(aside):
            _flush(aside)  # otherwise a power failure could leave an empty file under the new name
        _rename(aside, os.fspath(path))
    except BaseException:
        _delete(aside)
        raise
    if durable and not is_remote(aside):
        _flush(os.path.dirname(aside) or ".")


@contextmanager
def new_folder(path: StrPath) -> Iterator[str]:
    """Yields an empty folder to write to, and renames it to `path` when the block ends.

    An existing folder is deleted just before the rename, so `path` is missing for a moment. On an
    error nothing changes, and the new folder is deleted.
    Raises OSError, or tf.errors.OpError for an address.
    """
    aside = _aside(path)
    _delete(aside)
    try:
        _make_folder(aside)
        yield aside
        _delete(os.fspath(path))
        _rename(aside, os.fspath(path))
    except BaseException:
        _delete(aside)
        raise


def _aside(path: StrPath) -> str:
    return os.fspath(path).rstrip("/") + SUFFIX


def _remote_files() -> Any:
    from mocogan.data import remote_files  # loads Beam, which local files do not need

    return remote_files


def _flush(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(source: str, target: str) -> None:
    if is_remote(source):
        _remote_files().rename(source, target)
    else:
        os.replace(source, target)


def _make_folder(path: str) -> None:
    if is_remote(path):
        _remote_files().make_folder(path)
    else:
        os.makedirs(path)


def _delete(path: str) -> None:
    """Deletes a file, or a folder with its contents. Ignores a missing path."""
    if is_remote(path):
        _remote_files().delete(path)
    elif os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
