"""Atomic writes: files and folders are written under a temporary name, then renamed.

A killed program may leave a path that ends in SUFFIX. The next writer of the same path replaces it.
A path has one writer at a time.

Paths can also be addresses such as gs://bucket/name. Object stores have no renames, so these are written on this
machine first, and then copied to their place. A file appears whole. Of a folder, the files at its top appear last.
"""

from __future__ import annotations

import os
import shutil
import tempfile
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
    if is_remote(os.fspath(path)):
        _remote_files().write(os.fspath(path), bytes(content), mime_type)
        return
    with new_file(path, durable) as aside, open(aside, "wb") as file:
        file.write(content)


@contextmanager
def new_file(path: StrPath, durable: bool = False) -> Iterator[str]:
    """Yields the local path to write the file to, and moves it to `path` when the block ends.

    An existing file is replaced. On an error nothing changes, and the new file is deleted.
    `durable` and the exceptions are those of write_file.
    """
    if is_remote(os.fspath(path)):
        with _copied_file(os.fspath(path)) as aside:
            yield aside
        return
    aside = _aside(path)
    try:
        yield aside
        if durable:
            _flush(aside)  # otherwise a power failure could leave an empty file under the new name
        os.replace(aside, os.fspath(path))
    except BaseException:
        _delete(aside)
        raise
    if durable:
        _flush(os.path.dirname(aside) or ".")


@contextmanager
def new_folder(path: StrPath) -> Iterator[str]:
    """Yields an empty local folder to write to, and moves it to `path` when the block ends.

    An existing folder is deleted just before, so `path` is missing for a moment. On an error in the block
    nothing changes, and the new folder is deleted.
    Raises OSError, or tf.errors.OpError for an address.
    """
    if is_remote(os.fspath(path)):
        with _copied_folder(os.fspath(path)) as aside:
            yield aside
        return
    aside = _aside(path)
    _delete(aside)
    try:
        os.makedirs(aside)
        yield aside
        _delete(os.fspath(path))
        os.replace(aside, os.fspath(path))
    except BaseException:
        _delete(aside)
        raise


@contextmanager
def _copied_file(address: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        aside = os.path.join(folder, os.path.basename(address))
        yield aside
        with open(aside, "rb") as file:
            write_file(address, file.read())


@contextmanager
def _copied_folder(address: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder
        _remote_files().replace_folder(address.rstrip("/"), folder)


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


def _delete(path: str) -> None:
    """Deletes a file, or a folder with its contents. Ignores a missing path."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
