"""Names the full disk behind an error. Libraries say that a device has no space left, but often not which one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence

from mocogan.components.reports.quantities import data_size

_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
# In the messages of TensorFlow, Beam and SQLite.
_TEXTS = ("no space left on device", "disk quota exceeded", "database or disk is full")
_FULL_BYTES = 16 << 20  # free on a full disk, at most: a node that fails deletes its outputs


def full_disk(error: BaseException, folders: Sequence[str]) -> str | None:
    """Says which disk is full, if that is the cause of an error.

    Args:
        error: What was raised, with its causes.
        folders: Where the program writes. The folder for temporary files is looked at, too.

    Returns:
        The folder and its free space, in a few words. None if the disk is not the cause.
    """
    causes = list(_causes(error))
    if not any(map(_is_full, causes)):
        return None
    names = [cause.filename for cause in causes if isinstance(cause, OSError) and _is_full(cause)]
    written = [_existing(os.fsdecode(name)) for name in names if isinstance(name, (str, bytes))]
    looked_at = [*written, *map(_existing, folders), tempfile.gettempdir()]
    free = {folder: shutil.disk_usage(folder).free for folder in looked_at}
    full = next((folder for folder in free if free[folder] < _FULL_BYTES), looked_at[0])
    size = data_size(free[full])
    if free[full] < _FULL_BYTES:
        return f"the disk of {full} is full ({size} free)"
    return f"the disk of {full} was full ({size} free now)"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    text = str(error).lower()
    return any(sign in text for sign in _TEXTS)


def _existing(path: str) -> str:
    """The folder of a path, or the first one above it that exists."""
    folder = os.path.abspath(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder
