"""Folders that hold the videos of one data set and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mocogan.data import atomic


def refuse_other_files(folder: Path, own: Iterable[Path], what: str) -> None:
    """Raises ValueError if `folder` contains files beside `own`, because they would be used as videos too.

    Unfinished files of an earlier writing are no other files. The message says that a file is not `what`.
    """
    paths = set(own)
    unfinished = {path.with_name(path.name + atomic.SUFFIX) for path in paths}
    others = {path for path in folder.rglob("*") if path.is_file()} - paths - unfinished
    if others:
        raise ValueError(
            f"{folder} contains {min(others)}, which is not {what}. Choose an empty folder"
        )
