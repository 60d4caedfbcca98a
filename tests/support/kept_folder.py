"""Folders for files that many tests of a process copy."""

from __future__ import annotations

import atexit
import shutil
import tempfile


def kept_folder() -> str:
    """A new folder, which is deleted when this process ends."""
    folder = tempfile.mkdtemp(prefix="mocogan-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
