"""Versions on an address such as `gs://bucket/name`, where folders cannot be renamed.

The files are copied to their place, `saved_model.pb` last. A server that looks before that finds a folder without a
model. Object stores have no locks. Instead, a push claims its number with the first file, which only one push can
create on gs://. It leaves unfinished versions of the last hour to the pushes that may be writing them.
"""

from __future__ import annotations

import posixpath
import time
from contextlib import suppress

from mocogan.components.model_pusher.contents import Draft, check_copy, hashes
from mocogan.components.model_pusher.manifest import MANIFEST_FILE, file_sha256
from mocogan.components.model_pusher.versions import (
    MODEL_FILE,
    is_whole,
    list_versions,
    next_version,
)
from mocogan.components.model_pusher.warm_up import WARM_UP_FILE, write_warm_up_requests
from mocogan.data import remote_files

_LONGEST_PUSH = 3600  # seconds


def delete_left_over(destination: str) -> None:
    """Deletes versions without a SavedModel, which a killed process left more than an hour ago.

    Raises tf.errors.OpError.
    """
    import tensorflow as tf

    for version in list_versions(destination):
        folder = posixpath.join(destination, version)
        with suppress(tf.errors.NotFoundError):  # another push deletes it meanwhile
            if not is_whole(folder) and _newest_write(folder) < time.time() - _LONGEST_PUSH:
                tf.io.gfile.rmtree(folder)


def add_version(model: str, destination: str, draft: Draft) -> str:
    """Copies a model to a new version, above all others.

    Args:
        model: Folder of the SavedModel, local or an address.
        destination: Address of the folder of the versions.
        draft: Manifest of the version.

    Returns:
        The address of the version.

    Raises:
        ModelChanged: The copy differs from the model. It is deleted.
        tf.errors.OpError: TensorFlow cannot read or write a file. The version is deleted, if that is possible.
    """
    import tensorflow as tf

    version = _claimed_version(destination, draft)
    folder = posixpath.join(destination, version)
    try:
        _copy(model, folder, version, draft)
    except BaseException:
        with suppress(tf.errors.OpError):
            delete_version(destination, version)
        raise
    return folder


def delete_version(destination: str, version: str) -> None:
    """Deletes a version, `saved_model.pb` first, so that no server loads the rest. Raises tf.errors.OpError."""
    import tensorflow as tf

    folder = posixpath.join(destination, version)
    with suppress(tf.errors.NotFoundError):  # another push deletes it meanwhile
        if is_whole(folder):
            tf.io.gfile.remove(posixpath.join(folder, MODEL_FILE))
        tf.io.gfile.rmtree(folder)


def _claimed_version(destination: str, draft: Draft) -> str:
    """Returns a number above all others, whose folder belongs to this push. It has a manifest without files."""
    while True:
        version = next_version(destination, draft.now())
        path = posixpath.join(destination, version, MANIFEST_FILE)
        if remote_files.create(path, draft.manifest(version, {}).model_dump_json().encode()):
            return version


def _newest_write(folder: str) -> float:
    """When a file in a folder was last written, in seconds since 1970. 0 without files."""
    import tensorflow as tf

    times = [
        tf.io.gfile.stat(posixpath.join(place, name)).mtime_nsec
        for place, _, names in tf.io.gfile.walk(folder)
        for name in names
    ]
    return max(times, default=0) / 1e9


def _copy(model: str, folder: str, version: str, draft: Draft) -> None:
    import tensorflow as tf

    files = hashes(model)
    for name in files:
        if name != MODEL_FILE:
            _copy_file(model, folder, name)
    tf.io.gfile.makedirs(posixpath.dirname(posixpath.join(folder, WARM_UP_FILE)))
    if WARM_UP_FILE not in files:
        path = posixpath.join(folder, WARM_UP_FILE)
        write_warm_up_requests(model, path)
        files[WARM_UP_FILE] = file_sha256(path)
    for name, content in draft.additions.items():
        path = posixpath.join(folder, name)
        tf.io.gfile.makedirs(posixpath.dirname(path))
        with tf.io.gfile.GFile(path, "wb") as file:
            file.write(content)
        files[name] = file_sha256(path)
    with tf.io.gfile.GFile(posixpath.join(folder, MANIFEST_FILE), "w") as file:
        file.write(draft.manifest(version, files).model_dump_json(indent=2))
    check_copy(folder, {name: files[name] for name in files if name != MODEL_FILE})
    _copy_file(model, folder, MODEL_FILE)
    check_copy(folder, {MODEL_FILE: files[MODEL_FILE]})


def _copy_file(model: str, folder: str, name: str) -> None:
    import tensorflow as tf

    target = posixpath.join(folder, name)
    tf.io.gfile.makedirs(posixpath.dirname(target))
    tf.io.gfile.copy(posixpath.join(model, name), target)
