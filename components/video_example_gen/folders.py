"""Folders on any of Beam's file systems, local or remote."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from mocogan.data.address import is_remote
from mocogan.data.source.remote_folder import check_file_system


class OutputRefused(ValueError):
    """A folder cannot be written to without harm."""


@contextmanager
def claimed(folder: str) -> Iterator[None]:
    """Makes the folder if need be, and keeps other programs that claim it out until the block ends.

    Remote folders are taken as they are. Raises OutputRefused, folder_contents.FileSystemUnavailable, and
    OSError when the folder cannot be written.
    """
    if harmful := set("*?[]") & set(folder):
        # Beam's file systems take any path for a pattern, when they delete, too.
        raise OutputRefused(
            f"the output folder {folder!r} has {' '.join(sorted(harmful))} in its path: choose another name"
        )
    if not folder.isprintable():  # so are the bytes that are not UTF-8, which Beam cannot pass on
        raise OutputRefused(
            f"the output folder {folder!r} cannot be written as text: choose another name"
        )
    if is_remote(folder):
        check_file_system(folder)
        yield
        return
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):  # while nothing is lost if it fails
        pass
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with this process
        yield
    except BlockingIOError:
        raise OutputRefused(f"another ingest is writing to {folder!r}: wait for it") from None
    finally:
        os.close(lock)


def files_like(folder: str, name: str) -> list[str]:
    """The files in `folder` whose whole name fits the regular expression `name`, sorted."""
    (found,) = FileSystems.match([FileSystems.join(folder, "*")])
    paths = [metadata.path for metadata in found.metadata_list]
    return sorted(path for path in paths if re.fullmatch(name, FileSystems.split(path)[1]))


def make_folder(parent: str, name: str) -> str:
    """The path of the folder `name` in `parent`, which exists from now on."""
    folder = FileSystems.join(parent, name)
    try:
        FileSystems.mkdirs(folder)
    except OSError:
        if not FileSystems.exists(folder):  # raised for a folder that is there already, too
            raise
    return folder


def delete_files(folder: str, name: str) -> None:
    """Deletes what `files_like` gives."""
    if files := files_like(folder, name):
        FileSystems.delete(files)


def delete_trees(folder: str, name: str) -> None:
    """Deletes the folders in `folder` whose whole name fits the regular expression, with all they hold."""
    if not is_remote(folder):
        for child in os.listdir(folder) if os.path.isdir(folder) else []:
            if re.fullmatch(name, child):
                shutil.rmtree(os.path.join(folder, child))
        return
    (found,) = FileSystems.match([FileSystems.join(folder, "**")])
    inside = [metadata.path for metadata in found.metadata_list]
    below = len(FileSystems.join(folder, ""))
    files = [path for path in inside if re.fullmatch(name, path[below:].partition("/")[0])]
    if files:
        FileSystems.delete(files)


def create_file(path: str) -> BinaryIO:
    """Opens a file for writing, whose bytes are not compressed for its name's sake."""
    return FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)
