"""Makes an earlier version the newest one again."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable
from typing import NamedTuple

from mocogan.components.model_pusher.contents import hashes
from mocogan.components.model_pusher.manifest import Manifest, model_sha256, verify
from mocogan.components.model_pusher.push import Pushed, push_again
from mocogan.components.model_pusher.versions import list_whole_versions


class NoSuchVersion(Exception):
    """There is no version to go back to. The message is one line."""


class RolledBack(NamedTuple):
    """The earlier version, and its copy, which is the newest version now."""

    source: str
    pushed: Pushed


def roll_back(
    destination: str, version: str | None = None, now: Callable[[], float] = time.time
) -> RolledBack:
    """Copies an earlier version to a new version, above all others.

    Args:
        destination: Folder of the versions, local or an address such as `gs://bucket/name`.
        version: Name of the earlier version. None: the one before the newest.
        now: Returns the time in seconds since 1970.

    Returns:
        The earlier version and its copy.

    Raises:
        NoSuchVersion: There is no earlier version, or none of this name.
        ModelChanged: The version is not as it was pushed, or the copy differs.
        ValueError: The version has no manifest and no valid model.
        OSError: The folder cannot be written.
        tf.errors.OpError: TensorFlow cannot read or write a file.
    """
    destination = destination.rstrip("/")
    source = posixpath.join(destination, _chosen(destination, version))
    manifest = verify(source) or _new_manifest(source)
    return RolledBack(source, push_again(source, manifest, now))


def _chosen(destination: str, version: str | None) -> str:
    versions = list_whole_versions(destination)
    if not versions:
        raise NoSuchVersion(f"{destination} has no versions")
    *earlier, newest = versions
    if version is None:
        if not earlier:
            raise NoSuchVersion(f"{destination} has only version {newest}, so none before it")
        return earlier[-1]
    if version == newest:
        raise NoSuchVersion(f"version {version} is the newest one in {destination} already")
    if version not in earlier:
        raise NoSuchVersion(
            f"{destination} has no version {version}. Earlier versions: {', '.join(earlier) or 'none'}"
        )
    return version


def _new_manifest(folder: str) -> Manifest:
    """The manifest of a version that another program pushed, without one."""
    return Manifest(
        version=posixpath.basename(folder),
        model_sha256=model_sha256(folder),
        files=hashes(folder),
        pushed_at="",
    )
