"""Folders on any of Beam's file systems, local or remote."""

from __future__ import annotations

from typing import BinaryIO

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems


def files_like(folder: str, pattern: str) -> list[str]:
    """The files in `folder` whose name fits `pattern` (`*` stands for anything), sorted."""
    (found,) = FileSystems.match([FileSystems.join(folder, pattern)])
    return sorted(metadata.path for metadata in found.metadata_list)


def make_folder(parent: str, name: str) -> str:
    """The path of the folder `name` in `parent`, which exists from now on."""
    folder = FileSystems.join(parent, name)
    try:
        FileSystems.mkdirs(folder)
    except OSError:
        if not FileSystems.exists(folder):  # raised for a folder that is there already, too
            raise
    return folder


def delete_folder(parent: str, name: str) -> None:
    """Deletes the folder `name` in `parent` with the files in it, if it is there."""
    folder = FileSystems.join(parent, name)
    if files := files_like(folder, "*"):
        FileSystems.delete(files)
    if FileSystems.exists(folder):  # object stores know no folder but its files
        FileSystems.delete([folder])


def create_file(path: str) -> BinaryIO:
    """Opens a file for writing, whose bytes are not compressed for its name's sake."""
    return FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)


def open_file(path: str) -> BinaryIO:
    """Opens a file for reading its bytes as they are."""
    return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
