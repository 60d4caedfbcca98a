"""Makes a model the newest version in a folder of pushed models."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mocogan.components.model_pusher import local_versions, remote_versions
from mocogan.components.model_pusher.contents import Draft
from mocogan.components.model_pusher.manifest import (
    Manifest,
    ModelChanged,
    model_sha256,
    read_manifest,
    verify,
)
from mocogan.components.model_pusher.versions import list_versions, list_whole_versions
from mocogan.data.address import is_remote


class Pushed(NamedTuple):
    """A version in the folder of pushed models."""

    folder: str
    manifest: Manifest


def push(
    model: str,
    destination: str,
    run: str | None = None,
    evaluation: str | None = None,
    keep_versions: int | None = None,
    additions: Mapping[str, bytes] | None = None,
    now: Callable[[], float] = time.time,
) -> Pushed:
    """Makes a model the newest version, unless it is that already. Then deletes older versions, if there are too many.

    Args:
        model: Folder of the SavedModel, local or an address such as `gs://bucket/name`.
        destination: Folder of the versions, local or an address. It is created if it is missing.
        run: Id of the pipeline run, for the manifest.
        evaluation: URI of the blessing, for the manifest.
        keep_versions: Number of newest versions to keep. None: all.
        additions: Files to add to the version, by relative path, such as the model card. Default: none.
        now: Returns the time in seconds since 1970.

    Returns:
        The new version, or the newest one if it is the same model.

    Raises:
        ModelChanged: The copy differs from the model, which may have changed meanwhile.
        ValueError: The model is not valid.
        OSError: The folder cannot be written, for example because the disk is full. It has no part of a version.
        tf.errors.OpError: TensorFlow cannot read or write a file. The same holds.
    """
    destination = destination.rstrip("/")
    draft = Draft(model_sha256(model), run, evaluation, now, additions or {})
    if is_remote(destination):
        remote_versions.delete_left_over(destination)
        return _push(model, destination, draft, keep_versions, _REMOTE)
    with local_versions.locked(destination):
        return _push(model, destination, draft, keep_versions, _LOCAL)


def push_again(version: str, manifest: Manifest, now: Callable[[], float] = time.time) -> Pushed:
    """Makes a version the newest one again, as a copy under a new number.

    The files are no hard links: a damaged file in one version would be damaged in the other one too.

    Args:
        version: Folder of the version, local or an address.
        manifest: What to repeat in the manifest of the copy: hash of the model, run and evaluation.
        now: Returns the time in seconds since 1970.

    Raises:
        ModelChanged: The copy differs from the version.
        OSError: The folder cannot be written.
        tf.errors.OpError: TensorFlow cannot read or write a file.
    """
    destination = posixpath.dirname(version)
    draft = Draft(manifest.model_sha256, manifest.run, manifest.evaluation, now)
    if is_remote(destination):
        return _read(remote_versions.add_version(version, destination, draft))
    with local_versions.locked(destination):
        return _read(local_versions.add_version(version, destination, draft))


class _Store(NamedTuple):
    add: Callable[[str, str, Draft], str]
    delete: Callable[[str, str], None]
    versions: Callable[[str], list[str]]  # that the model may be in already


_LOCAL = _Store(local_versions.add_version, local_versions.delete_version, list_versions)
# Others may be writing a version that is not whole.
_REMOTE = _Store(remote_versions.add_version, remote_versions.delete_version, list_whole_versions)


def _push(
    model: str, destination: str, draft: Draft, keep_versions: int | None, store: _Store
) -> Pushed:
    pushed = _newest_if_same(destination, store.versions(destination), draft.model_sha256)
    if pushed is None:
        pushed = _read(store.add(model, destination, draft))
    if keep_versions is not None:
        for version in list_whole_versions(destination)[:-keep_versions]:
            store.delete(destination, version)
    return pushed


def _newest_if_same(destination: str, versions: list[str], digest: str) -> Pushed | None:
    """The newest version, if it is the model with this hash and all its files are as they were pushed."""
    if not versions:
        return None
    folder = posixpath.join(destination, versions[-1])
    try:
        manifest = verify(folder)
    except ModelChanged:
        return None
    same = manifest is not None and manifest.model_sha256 == digest
    return Pushed(folder, manifest) if manifest and same else None


def _read(folder: str) -> Pushed:
    manifest = read_manifest(folder)
    if manifest is None:
        raise ModelChanged(f"{folder}: deleted by another program just after the push")
    return Pushed(folder, manifest)
