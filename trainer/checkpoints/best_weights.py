"""The EMA weights of the best step, in a file of their own beside the checkpoints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from mocogan.trainer.checkpoints.checkpoint_file import (
    DamagedCheckpoint,
    read_checkpoint,
    write_checkpoint,
)
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.runtime.notices import notify

_PREFIX, _ENDING = "best-", ".npz"


class BestWeights:
    """The weights of the step with the lowest clip distance, in a file such as `best-00000800.npz`.

    Checkpoints store `as_json`, which names the step and so the file. A checkpoint thus determines the best step,
    whatever files a killed process or an abandoned step has left.
    """

    def __init__(self, generator: tf.Module, folder: str) -> None:
        """`generator` is the EMA generator, `folder` that of the checkpoints."""
        self._variables = named_variables(generator)
        self._folder = folder
        self.step = 0  # 0 if there is none yet
        self.distance = math.inf

    def offer(self, step: int, distance: float) -> None:
        """Keep the current weights, those of `step`, if their `distance` is the lowest.

        If writing fails, raises NotWritten, and the weights before stay the best.
        """
        if distance >= self.distance:
            return
        path = self._path(step)
        arrays = {name: variable.numpy() for name, variable in self._variables.items()}
        try:
            write_checkpoint(path, arrays, {"step": step, "clip_distance": distance})
        except (OSError, tf.errors.OpError) as error:
            raise NotWritten(
                f"cannot write {path}: {error}. Free some disk space, then run the same command again"
            ) from error
        self.step, self.distance = step, distance

    def delete_older(self) -> None:
        """Delete files that are not needed. Call it once a checkpoint names the best step.

        The best step before stays, because the checkpoint before names it. It is needed if the newest checkpoint is
        damaged.
        """
        names = tf.io.gfile.listdir(self._folder)
        paths = sorted(
            f"{self._folder}/{name}"
            for name in names
            if name.startswith(_PREFIX) and name.endswith(_ENDING)
        )
        best = self._path(self.step)
        keep = {best, *[path for path in paths if path < best][-1:]}
        for path in paths:
            if path not in keep:
                tf.io.gfile.remove(path)

    def as_json(self) -> dict[str, Any]:
        """Return what a checkpoint stores. It is empty without a best step."""
        return {"step": self.step, "clip_distance": self.distance} if self.step else {}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over what `as_json` returned."""
        self.step = saved.get("step", 0)
        self.distance = saved.get("clip_distance", math.inf)

    def forget_if_lost(self) -> None:
        """Forget the best step, with a warning, if its file is missing or damaged. A later step can take its place."""
        if not self.step:
            return
        try:
            read_checkpoint(self._path(self.step))
        except (DamagedCheckpoint, tf.errors.NotFoundError) as error:
            notify(
                f"warning: the weights of the best step {self.step} are lost: {error}. "
                "Only later steps can be exported"
            )
            self.restore({})

    def load(self) -> None:
        """Assign the weights of the best step to the generator. Raises DamagedCheckpoint if the file is damaged."""
        arrays = read_checkpoint(self._path(self.step)).arrays
        for name, variable in self._variables.items():
            variable.assign(arrays[name])

    def _path(self, step: int) -> str:
        return f"{self._folder}/{_PREFIX}{step:08d}{_ENDING}"
