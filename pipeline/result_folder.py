"""The folder that a command writes its result to. An earlier result is replaced, other files never."""

from __future__ import annotations

import os
from collections.abc import Collection

from mocogan.data import atomic
from mocogan.data.address import is_remote
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.output_folder import check_writable


class FolderRefused(ExpectedError):
    """The result cannot be written to this folder."""


def check_result_folder(folder: str, main_file: str, own_files: Collection[str], work: str) -> None:
    """Raises FolderRefused unless the folder is missing, empty, or an earlier result. Raises OutNotWritable.

    Args:
        folder: Value of --out.
        main_file: Name of the file that each result has.
        own_files: Names of all files and folders of the earlier result.
        work: What writes such results, such as "evaluation", for the message.
    """
    if not folder or is_remote(folder):
        raise FolderRefused(f"--out must be a local folder, got {folder!r}")
    if os.path.lexists(folder):
        _check_content(folder, main_file, own_files, work)
    check_writable(folder, os.path.abspath(folder) + atomic.SUFFIX)


def _check_content(folder: str, main_file: str, own_files: Collection[str], work: str) -> None:
    if not os.path.isdir(folder):
        raise FolderRefused(f"--out {folder} is a file. Choose a folder")
    names = set(os.listdir(folder))
    others = names - {main_file, *own_files}
    if names and (main_file not in names or others):
        other = min(others or names)
        raise FolderRefused(
            f"--out {folder} contains {other}, which no {work} wrote. Choose another folder"
        )
