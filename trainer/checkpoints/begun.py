"""Which trainings have begun: those that have a checkpoint."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.checkpoints.checkpoint_file import checkpoint_paths


def has_begun(folder: str) -> bool:
    """Whether there is a checkpoint in the folder of a training, local or an address. The folder may be missing."""
    return bool(checkpoint_paths(folder))


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
        training = name.rstrip("/")
        own, _, start = training.partition("-")
        if own == key and (paths := checkpoint_paths(f"{checkpoint_root}/{training}")):
            written[start] = max(tf.io.gfile.stat(path).mtime_nsec for path in paths)
    return sorted(written, key=lambda start: -written[start])
