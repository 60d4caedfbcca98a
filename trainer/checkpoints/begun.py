"""Which trainings have begun: those that have a checkpoint."""

from __future__ import annotations

import re

import tensorflow as tf

_CHECKPOINT = re.compile(r"step-\d+\.npz")


def has_begun(folder: str) -> bool:
    """Whether there is a checkpoint in the folder of a training, local or an address. The folder may be missing."""
    return bool(_checkpoints(folder))


def begun_starts(checkpoint_root: str, key: str) -> list[str]:
    """What trainings with the same options and data started from, if they have begun.

    Args:
        checkpoint_root: Folder with a folder per training, local or an address. It may be missing.
        key: `training_key` without a start.

    Returns:
        The start of each training, as in its key. It is empty for one that started anew. The training with the newest
        checkpoint comes first.
    """
    if not tf.io.gfile.isdir(checkpoint_root):
        return []
    written: dict[str, int] = {}
    for name in tf.io.gfile.listdir(checkpoint_root):
        own, _, start = name.rstrip("/").partition("-")
        if own == key and (paths := _checkpoints(f"{checkpoint_root}/{name.rstrip('/')}")):
            written[start] = max(tf.io.gfile.stat(path).mtime_nsec for path in paths)
    return sorted(written, key=lambda start: -written[start])


def _checkpoints(folder: str) -> list[str]:
    if not tf.io.gfile.isdir(folder):
        return []
    return [
        f"{folder}/{name}" for name in tf.io.gfile.listdir(folder) if _CHECKPOINT.fullmatch(name)
    ]
