"""Folders for files that many tests of a process copy."""

from __future__ import annotations

import shutil
import tempfile

_folders: list[str] = []


def kept_folder() -> str:
    """A new folder, which stays until the tests of this process end."""
    _folders.append(tempfile.mkdtemp(prefix="mocogan-tests-"))
    return _folders[-1]


def delete_kept_folders() -> None:
    """Deletes them. The functions of `atexit` do not run in all processes of pytest-xdist."""
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
