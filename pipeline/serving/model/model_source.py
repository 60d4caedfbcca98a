"""Where the versions of the served model come from."""

from __future__ import annotations

import os
import posixpath
from typing import NamedTuple

import tensorflow as tf

from mocogan.components.model_pusher.versions import is_whole, list_versions
from mocogan.data.address import is_remote
from mocogan.pipeline.model_choice import choose_model


class ModelSource(NamedTuple):
    """A folder of numbered versions, or one model.

    Attributes:
        versions: Folder of numbered versions, of which the newest is served. None: one model is served.
        model: The model that is served first.
        number: Its version.
        note: What users should know of it. None: nothing.
    """

    versions: str | None
    model: str
    number: int
    note: str | None

    def newest(self) -> int | None:
        """The newest version, as TensorFlow Serving sees it: whole or not. None: there is none at the moment.

        Raises tf.errors.OpError if the folder cannot be read.
        """
        if self.versions is None:
            return self.number
        names = list_versions(self.versions)
        return int(names[-1]) if names else None

    def folder(self, number: int) -> str:
        """The folder of a version."""
        if self.versions is None or number == self.number:
            return self.model
        names = [name for name in list_versions(self.versions) if int(name) == number]
        return posixpath.join(self.versions, names[-1] if names else str(number))


def find_source(model: str | None, force: bool) -> ModelSource:
    """Finds what to serve.

    Args:
        model: See `choose_model`. Newer versions are followed in a folder of versions, and in an output folder if its
            newest pushed model is served.
        force: See `choose_model`.

    Raises:
        ModelRefused: There is no model, none is blessed, or a pushed version has changed.
        MetadataMissing: The output folder contains no pushed version and no ML Metadata store.
    """
    chosen = choose_model(model, force)
    folder = chosen.folder if is_remote(chosen.folder) else os.path.abspath(chosen.folder)
    given = model if model is None or is_remote(model) else os.path.abspath(model)
    name = posixpath.basename(folder.rstrip("/"))
    number = int(name) if name.isascii() and name.isdecimal() else 1
    is_followed = name.isdecimal() and folder != (given or "").rstrip("/")
    return ModelSource(
        posixpath.dirname(folder) if is_followed else None, folder, number, chosen.note
    )


def contents(folder: str) -> tuple[tuple[str, int, int], ...] | None:
    """Name, size and time of each file in a folder, to see whether it changes. None: it is not a whole model yet."""
    try:
        if not is_whole(folder):
            return None
        found = []
        for parent, _, names in tf.io.gfile.walk(folder):
            for name in names:
                path = posixpath.join(parent, name)
                state = tf.io.gfile.stat(path)
                found.append((path, state.length, state.mtime_nsec))
        return tuple(sorted(found))
    except tf.errors.OpError:  # it is being written or deleted
        return None
