"""Folders on any of Beam's file systems, local or remote."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from mocogan.data.address import is_remote
from mocogan.data.source.remote_folder import check_file_system


class OutputRefused(ValueError):
    """The output folder cannot be used safely."""


@contextmanager
def claimed(*folders: str) -> Iterator[None]:
    """Creates the folders if needed, and locks them against other ingests until the block ends.

    Remote folders are not locked. Raises OutputRefused, folder_contents.FileSystemUnavailable, and OSError when a
    folder is not writable.
    """
    with ExitStack() as claims:
        for folder in dict.fromkeys(folders):
            claims.enter_context(_claimed(folder))
        yield


@contextmanager
def _claimed(folder: str) -> Iterator[None]:
    if harmful := set("*?[]") & set(folder):
        # Beam's file systems treat every path as a pattern, also when they delete.
        raise OutputRefused(
            f"the path of the output folder {folder!r} contains {' '.join(sorted(harmful))}. Choose another name"
        )
    if not folder.isprintable():  # includes bytes that are not UTF-8, which Beam cannot handle
        raise OutputRefused(
            f"the path of the output folder {folder!r} contains unprintable or invalid characters. "
            "Choose another name"
        )
    if is_remote(folder):
        check_file_system(folder)
        yield
        return
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):  # fail early if the folder is not writable
        pass
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released when this process ends
        except BlockingIOError:
            raise OutputRefused(
                f"another ingest is writing to {folder!r}. Wait until it ends, or choose another folder"
            ) from None
        yield
    finally:
        os.close(lock)


def files_like(folder: str, name: str) -> list[str]:
    """The sorted paths of the files in `folder` whose whole name matches the regular expression `name`."""
    (found,) = FileSystems.match([FileSystems.join(folder, "*")])
    paths = [metadata.path for metadata in found.metadata_list]
    return sorted(path for path in paths if re.fullmatch(name, FileSystems.split(path)[1]))


def folders_like(parent: str, name: str) -> list[str]:
    """The sorted paths of the folders in `parent` whose whole name matches the regular expression `name`."""
    if is_remote(parent):
        (found,) = FileSystems.match([FileSystems.join(parent, "**")])
        below = len(FileSystems.join(parent, ""))
        names = {
            metadata.path[below:].partition("/")[0]
            for metadata in found.metadata_list
            if "/" in metadata.path[below:]
        }
    else:
        names = {name for name in _names(parent) if os.path.isdir(os.path.join(parent, name))}
    return [FileSystems.join(parent, found) for found in sorted(names) if re.fullmatch(name, found)]


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def make_folder(parent: str, name: str) -> str:
    """Creates the folder `name` in `parent` unless it exists. Returns its path."""
    folder = FileSystems.join(parent, name)
    try:
        FileSystems.mkdirs(folder)
    except OSError:
        if not FileSystems.exists(folder):  # mkdirs also fails if the folder exists
            raise
    return folder


def delete_files(folder: str, name: str) -> None:
    """Deletes the files that `files_like` returns."""
    if files := files_like(folder, name):
        FileSystems.delete(files)


def delete_trees(folder: str, name: str) -> None:
    """Deletes the folders in `folder` whose whole name matches the regular expression, with their contents."""
    for tree in folders_like(folder, name):
        if is_remote(tree):
            (found,) = FileSystems.match([FileSystems.join(tree, "**")])
            FileSystems.delete([metadata.path for metadata in found.metadata_list])
        else:
            shutil.rmtree(tree)


def create_file(path: str) -> BinaryIO:
    """Opens a file for writing. Beam does not compress it, whatever its name ends with."""
    return FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)


def open_file(path: str) -> BinaryIO:
    """Opens a file for reading and seeking. Beam does not unpack it, whatever its name ends with."""
    return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)


def file_sizes(folder: str, name: str) -> dict[str, int]:
    """The sizes in bytes of the files that `files_like` returns, by path."""
    (found,) = FileSystems.match([FileSystems.join(folder, "*")])
    return {
        metadata.path: metadata.size_in_bytes
        for metadata in found.metadata_list
        if re.fullmatch(name, FileSystems.split(metadata.path)[1])
    }
