"""The versions in a folder of pushed models, as TensorFlow Serving sees them."""

from __future__ import annotations

import posixpath

MODEL_FILE = "saved_model.pb"  # a folder without it is no model

_LARGEST = (1 << 63) - 1  # TensorFlow Serving reads the name of a folder as int64


def list_versions(destination: str) -> list[str]:
    """Returns the names of all versions in a folder, by number, whether they are whole or not.

    A version is a child whose whole name is a number. Servers ignore all other names, and so does this function.

    Args:
        destination: Folder of the versions, local or an address such as `gs://bucket/name`. It may be missing.

    Raises:
        tf.errors.OpError: The folder cannot be read.
    """
    import tensorflow as tf

    if not tf.io.gfile.isdir(destination):
        return []
    names = (name.rstrip("/") for name in tf.io.gfile.listdir(destination))
    numbered = (name for name in names if name.isascii() and name.isdecimal())
    return sorted((name for name in numbered if int(name) <= _LARGEST), key=int)


def list_whole_versions(destination: str) -> list[str]:
    """Like `list_versions`, but only versions with a SavedModel."""
    return [
        name for name in list_versions(destination) if is_whole(posixpath.join(destination, name))
    ]


def is_whole(folder: str) -> bool:
    """Tells whether a version has a SavedModel. Raises tf.errors.OpError if the folder cannot be read."""
    import tensorflow as tf

    return bool(tf.io.gfile.exists(posixpath.join(folder, MODEL_FILE)))


def next_version(destination: str, now: float) -> str:
    """Returns a number above all versions in a folder: the time, or the newest version plus one.

    Args:
        destination: Folder of the versions.
        now: Time in seconds since 1970.
    """
    newest = max(map(int, list_versions(destination)), default=0)
    return str(max(int(now), newest + 1))
