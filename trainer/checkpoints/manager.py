"""The checkpoints of one training. Each holds the whole state. The newest few and the best one are kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from mocogan.data import atomic
from mocogan.trainer.checkpoints.checkpoint_file import (
    DamagedCheckpoint,
    checkpoint_path,
    checkpoint_paths,
    read_checkpoint,
    write_checkpoint,
)
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState

_BEST = "best"  # key of the best checkpoint's step and score


class CheckpointManager:
    """Manages files such as `step-00000500.npz` in a folder that belongs to one training.

    If several processes train together, only the chief reads and writes checkpoints. It sends the restored state to the
    others, so the processes need no shared folder.
    """

    def __init__(self, state: TrainingState, folder: str, max_to_keep: int) -> None:
        """`max_to_keep` is the number of newest checkpoints to keep in addition to the best one."""
        self._state = state
        self._variables = _state_variables(state)
        self._folder = folder
        self._max_to_keep = max_to_keep
        self._best: dict[str, Any] = {}  # step and score

    def restore(self) -> dict[str, Any] | None:
        """Load the newest intact checkpoint. Returns the `about` given to `save`, or None without a checkpoint.

        Files that a killed process left unfinished are deleted. Damaged checkpoints are renamed to `*.damaged`, and the
        one before is used. Raises ValueError if the checkpoint belongs to other networks or if all are damaged.
        """
        distribution = self._state.distribution
        about = self._read_newest() if distribution.chief else None
        distribution.share_from_chief(self._state.variables)
        return about

    def save(self, about: Mapping[str, Any], score: float | None) -> None:
        """Write the current state and `about`, which must be JSON. Then delete the checkpoints that are not kept.

        The best checkpoint has the lowest `score`. If writing fails, raises NotWritten and keeps all older checkpoints.
        """
        if not self._state.distribution.chief:
            return
        step = int(self._state.step.numpy())
        path = self._path(step)
        best = self._best
        if score is not None and score < best.get("score", np.inf):
            best = {"step": step, "score": score}
        arrays = {name: variable.numpy() for name, variable in self._variables.items()}
        try:
            tf.io.gfile.makedirs(self._folder)
            write_checkpoint(path, arrays, {**about, _BEST: best})
        except (OSError, tf.errors.OpError) as error:
            raise NotWritten(f"cannot write {path}: {error}. {self._what_remains()}") from error
        self._best = best
        keep = {*self._paths()[-self._max_to_keep :], self._path(best.get("step", -1))}
        for old in self._paths():
            if old not in keep:
                tf.io.gfile.remove(old)

    def publish(self, folder: str) -> None:
        """Add the newest checkpoint to `folder`, as a hard link if possible, otherwise as a copy."""
        if not self._state.distribution.chief:
            return
        source = self._paths()[-1]
        target = f"{folder}/{os.path.basename(source)}"
        tf.io.gfile.makedirs(folder)
        if "://" in source or "://" in target:
            tf.io.gfile.copy(source, target, overwrite=True)
            return
        try:
            os.link(source, target)
        except OSError:  # another disk, or no support for hard links
            shutil.copyfile(source, target)

    def _read_newest(self) -> dict[str, Any] | None:
        self._delete_unfinished()
        paths = self._paths()
        for path in reversed(paths):
            try:
                saved = read_checkpoint(path)
            except DamagedCheckpoint as error:
                notify(f"warning: {error}. Using the checkpoint before it")
                tf.io.gfile.rename(path, f"{path}.damaged", overwrite=True)
                continue
            self._assign(path, saved.arrays)
            self._best = saved.about[_BEST]
            return saved.about
        if paths:
            raise ValueError(
                f"all {len(paths)} checkpoints in {self._folder} are damaged: delete the folder to start over"
            )
        return None

    def _paths(self) -> list[str]:
        """Return the paths of all checkpoints, oldest first."""
        return checkpoint_paths(self._folder)

    def _delete_unfinished(self) -> None:
        if tf.io.gfile.isdir(self._folder):
            for name in tf.io.gfile.listdir(self._folder):
                if name.endswith(atomic.SUFFIX):
                    tf.io.gfile.remove(f"{self._folder}/{name}")

    def _path(self, step: int) -> str:
        return checkpoint_path(self._folder, step)

    def _what_remains(self) -> str:
        paths = self._paths()
        remains = (
            f"The last good checkpoint is {paths[-1]}"
            if paths
            else "There is no earlier checkpoint"
        )
        return f"{remains}. Free some disk space, then run the same command again"

    def _assign(self, path: str, arrays: Mapping[str, np.ndarray]) -> None:
        own = {name: _kind(variable) for name, variable in self._variables.items()}
        saved = {name: _kind(array) for name, array in arrays.items()}
        if unfit := sorted(name for name in own.keys() | saved if own.get(name) != saved.get(name)):
            raise ValueError(
                f"{path} belongs to other networks ({len(unfit)} variables differ, for example {unfit[0]}): use the "
                "code and configuration that it was trained with, or delete the folder to start over"
            )
        for name, variable in self._variables.items():
            variable.assign(arrays[name])


def _kind(values: tf.Variable | np.ndarray) -> tuple[str, tuple[int, ...]]:
    return np.dtype(getattr(values.dtype, "as_numpy_dtype", values.dtype)).name, tuple(values.shape)


def _state_variables(state: TrainingState) -> dict[str, tf.Variable]:
    """Map names to variables, each variable once. Private attributes are skipped because they repeat public ones."""
    named = {
        name: variable
        for name, variable in named_variables(state).items()
        if not any(part.startswith("_") for part in name.split("/"))
    }
    if len(named) != len(state.variables):
        raise TypeError(
            f"only {len(named)} of {len(state.variables)} variables have public names: a checkpoint would lack the "
            "others, so make them public attributes"
        )
    return named
