"""What every new version contains: the files of the model, warm-up requests, and a manifest."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from mocogan.components.model_pusher.manifest import (
    MANIFEST_FILE,
    Manifest,
    ModelChanged,
    file_sha256,
    list_files,
)


class Draft(NamedTuple):
    """What the manifest of a version says before its number and its files are known."""

    model_sha256: str
    run: str | None
    evaluation: str | None
    now: Callable[[], float]  # returns the time in seconds since 1970
    additions: Mapping[str, bytes] = {}  # files besides those of the model, by relative path

    def manifest(self, version: str, files: dict[str, str]) -> Manifest:
        """Completes the draft with the version and the hashes of its files."""
        pushed_at = datetime.fromtimestamp(self.now(), timezone.utc)
        return Manifest(
            version=version,
            model_sha256=self.model_sha256,
            files=files,
            run=self.run,
            evaluation=self.evaluation,
            pushed_at=pushed_at.isoformat(timespec="seconds"),
        )


def hashes(model: str) -> dict[str, str]:
    """Returns relative path -> SHA-256 of all files of a model except its manifest."""
    names = (name for name in list_files(model) if name != MANIFEST_FILE)
    return {name: file_sha256(posixpath.join(model, name)) for name in names}


def check_copy(folder: str, files: Mapping[str, str]) -> None:
    """Reads a copy again. Raises ModelChanged if a file has another hash than in `files`."""
    for name, digest in files.items():
        if file_sha256(posixpath.join(folder, name)) != digest:
            raise ModelChanged(f"{folder}: {name} differs from the model that was copied")
