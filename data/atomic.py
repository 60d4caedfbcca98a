"""Files and folders that are there whole or not at all: written aside, then renamed.

Paths are local, or addresses such as gs://bucket/name. What a killed program leaves behind ends in
SUFFIX; the next writer of the same path replaces it. One writer at a time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mocogan.data.address import is_remote

SUFFIX = ".partial"  # ending of what is still being written

StrPath = str | os.PathLike[str]


def write_file(
    path: StrPath,
    content: bytes | memoryview,
    durable: bool = False,
    mime_type: str = "application/octet-stream",
) -> None:
    """Writes `content`, in place of a file that is there; its folder must exist.

    `durable` makes a local file outlast a power cut. Object stores are told `mime_type`.
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

    A file that is there is replaced. On an error nothing changes, and the new file is deleted.
    `durable` as for write_file. Raises as write_file does.
    """
    aside = _aside(path)
    try:
        yield aside
        if durable and not is_remote(aside):
            _flush(aside)  # or a power cut could leave the new name with no bytes behind it
        _rename(aside, os.fspath(path))
    except BaseException:
        _delete(aside)
        raise
    if durable and not is_remote(aside):
        _flush(os.path.dirname(aside) or ".")


@contextmanager
def new_folder(path: StrPath) -> Iterator[str]:
    """Yields an empty folder to write to, and renames it to `path` when the block ends.

    A folder that is there is replaced: for a moment there is none. On an error nothing changes, and
    the new folder is deleted. Raises OSError, or tf.errors.OpError for an address.
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
    from mocogan.data import remote_files  # loads Beam, which local files do without

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
    """A file, or a folder with all that it holds; nothing if there is none."""
    if is_remote(path):
        _remote_files().delete(path)
    elif os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
