"""Where the log of a training lies, and its copy in the outputs of a run."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.errors import NotWritten, first_line


def log_folder(root: str, name: str | None, key: str) -> str:
    """The folder below `root` for the training with this checkpoint key.

    A new folder is named `<name>-<key>`. A folder that already ends with the key is used again, so a data folder or a
    preset that got another name changes nothing.
    """
    if tf.io.gfile.isdir(root):
        names = (found.rstrip("/") for found in sorted(tf.io.gfile.listdir(root)))
        for found in names:
            if found == key or found.endswith(f"-{key}"):
                return f"{root}/{found}"
    return f"{root}/{name}-{key}" if name else f"{root}/{key}"


def copy_log(folder: str, target: str) -> None:
    """Copy the files of a log, with their subfolders, to the folder `target`. Raises NotWritten."""
    try:
        for place, _, names in tf.io.gfile.walk(folder):
            beside = target + place.rstrip("/").removeprefix(folder)
            tf.io.gfile.makedirs(beside)
            for name in names:
                tf.io.gfile.copy(f"{place.rstrip('/')}/{name}", f"{beside}/{name}", overwrite=True)
    except tf.errors.OpError as error:
        raise NotWritten(
            f"cannot copy the training log {folder} to {target}: {first_line(error)}"
        ) from error
