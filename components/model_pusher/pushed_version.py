"""Finds a model among the pushed versions of a pipeline. Needs no metadata store, so it works on any engine."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import NamedTuple

from absl import logging

from mocogan.components.model_pusher.manifest import (
    ModelChanged,
    list_files,
    model_sha256,
    read_manifest,
    verify,
)
from mocogan.components.model_pusher.versions import list_whole_versions


class PushedVersion(NamedTuple):
    """A pushed version that is as it was pushed."""

    folder: str
    model_sha256: str

    @property
    def version(self) -> str:
        """Name of the folder."""
        return posixpath.basename(self.folder)


def find_version(serving_model_dir: str, wanted: Callable[[str], bool]) -> PushedVersion | None:
    """Finds the newest pushed version with a model that is wanted.

    The newest version is the model in use, also after a rollback. Damaged versions are skipped, with a warning.

    Args:
        serving_model_dir: Folder of the versions of a pipeline, local or an address. It may be missing.
        wanted: Whether a model with this hash may be found.

    Returns:
        The version, or None if there is none.

    Raises:
        tf.errors.OpError: A file cannot be read.
    """
    root = serving_model_dir.rstrip("/")
    for version in reversed(list_whole_versions(root)):
        folder = posixpath.join(root, version)
        try:
            digest = _model_of(folder)
            if wanted(digest):
                verify(folder)
                return PushedVersion(folder, digest)
        except (ModelChanged, ValueError) as error:
            logging.warning("this version is skipped: %s", error)
    return None


def copy_model(source: str, folder: str) -> None:
    """Copies the files of a SavedModel, so that it stays when the source is deleted.

    Raises:
        tf.errors.OpError: A file cannot be read or written.
    """
    import tensorflow as tf

    for name in list_files(source):
        target = posixpath.join(folder, name)
        tf.io.gfile.makedirs(posixpath.dirname(target))
        tf.io.gfile.copy(posixpath.join(source, name), target, overwrite=True)


def _model_of(folder: str) -> str:
    manifest = read_manifest(folder)
    return manifest.model_sha256 if manifest else model_sha256(folder)
