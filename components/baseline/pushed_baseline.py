"""Finds the baseline among the pushed versions of a pipeline. Needs no metadata store, so it works on any engine."""

from __future__ import annotations

import json
import posixpath
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


class PushedBaseline(NamedTuple):
    """A pushed version to compare a candidate with."""

    folder: str
    model_sha256: str

    @property
    def version(self) -> str:
        """Name of the folder."""
        return posixpath.basename(self.folder)

    def to_text(self) -> str:
        """The baseline as a parameter of a pipeline."""
        return json.dumps(self._asdict(), sort_keys=True)


def baseline_from_text(text: str) -> PushedBaseline | None:
    """Reads what `PushedBaseline.to_text` wrote. An empty text means that there is no baseline."""
    return PushedBaseline(**json.loads(text)) if text else None


def find_baseline(serving_model_dir: str, candidate: str) -> PushedBaseline | None:
    """Finds the newest pushed version of a pipeline that is another model than the candidate.

    The newest version is the model in use, also after a rollback. The candidate itself can be the newest version, if
    the pipeline runs again without changes. Damaged versions are skipped, with a warning.

    Args:
        serving_model_dir: Folder of the versions of this pipeline, local or an address. It may be missing.
        candidate: Folder of the candidate's SavedModel.

    Returns:
        The baseline, or None if no other model was pushed.

    Raises:
        ValueError: The candidate is not a SavedModel of this project.
        tf.errors.OpError: A file cannot be read.
    """
    root = serving_model_dir.rstrip("/")
    newest_first = list_whole_versions(root)[::-1]
    own = model_sha256(candidate) if newest_first else ""
    for version in newest_first:
        folder = posixpath.join(root, version)
        try:
            digest = _model_of(folder)
            if digest == own:
                continue
            verify(folder)
        except (ModelChanged, ValueError) as error:
            logging.warning("not a baseline: %s", error)
            continue
        return PushedBaseline(folder, digest)
    return None


def copy_baseline(baseline: PushedBaseline, folder: str) -> None:
    """Copies the files of a pushed version, so that the baseline stays when the version is deleted.

    Raises:
        tf.errors.OpError: A file cannot be read or written.
    """
    import tensorflow as tf

    for name in list_files(baseline.folder):
        target = posixpath.join(folder, name)
        tf.io.gfile.makedirs(posixpath.dirname(target))
        tf.io.gfile.copy(posixpath.join(baseline.folder, name), target, overwrite=True)


def _model_of(folder: str) -> str:
    manifest = read_manifest(folder)
    return manifest.model_sha256 if manifest else model_sha256(folder)
