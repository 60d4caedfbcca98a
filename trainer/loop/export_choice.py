"""Chooses the step whose weights are exported: the last one, or the one with the lowest clip distance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from mocogan.trainer.checkpoints.best_weights import BestWeights
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.clip_distance import ClipDistanceMeter
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState


class Exported(NamedTuple):
    """The step whose EMA weights are exported."""

    step: int
    clip_distance: float | None  # None if not measured


class ExportChoice:
    """With `run.export: best`, measures regular checkpoints and keeps the best weights. With `last`, does nothing.

    Steps saved out of turn, for example at a Ctrl-C, are not measured. The last step competes only for the export.
    So an interrupted training exports the same weights as an uninterrupted one. If several processes train together,
    only the chief measures.
    """

    def __init__(
        self,
        config: TrainerConfig,
        state: TrainingState,
        batches_from: Callable[[int], Iterable[dict[str, tf.Tensor]]],
        folder: str,
    ) -> None:
        """`batches_from` is the argument of `train`, `folder` that of the checkpoints."""
        self._option = config.run.export
        self._active = self._option == "best" and state.distribution.chief
        self._interval = config.checkpoint.interval
        self._state = state
        self._measure = ClipDistanceMeter(config, state, batches_from)
        self._best = BestWeights(state.ema_generator, folder)
        self._measured: tuple[int, float] | None = None  # step and distance, the last ones

    @property
    def _step(self) -> int:
        return int(self._state.step.numpy())

    @property
    def clip_distance(self) -> float | None:
        """Clip distance of the last step that was measured in this run. None if none was measured."""
        return self._measured[1] if self._measured else None

    def consider(self) -> None:
        """Measure the current step if its checkpoint is regular, and keep its weights if they are the best so far.

        Call it before the checkpoint is saved. Raises NotWritten or DataUnreadable.
        """
        if self._active and self._step % self._interval == 0:
            self._measured = self._step, self._measure()
            self._best.offer(*self._measured)

    def delete_older(self) -> None:
        """Delete weights that are not needed. Call it once the checkpoint is saved."""
        if self._active:
            self._best.delete_older()

    def as_json(self) -> dict[str, Any]:
        """Return the values that a checkpoint stores."""
        return {"option": self._option, "best": self._best.as_json()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Load the values that `as_json` returned. They are empty in checkpoints of older code."""
        self._measured = None
        self._best.restore(saved.get("best", {}))
        if not self._active:
            return
        self._best.forget_if_lost()
        if self._step and saved.get("option") != "best":
            notify(
                f"warning: step {self._step} was saved with trainer.run.export=last. Steps saved this way have no "
                "clip distance, so they are no candidates for the best step"
            )

    def choose(self) -> Exported:
        """Assign the chosen weights to the EMA generator at the end of the training. Raises DataUnreadable."""
        step, best = self._step, self._best
        if not self._active:
            return Exported(step, None)
        distance = self._distance_of_last()
        if distance <= best.distance:
            notify(f"exporting step {step}, the last one (best clip distance {distance:.5g})")
            return Exported(step, distance)
        notify(
            f"exporting step {best.step} (best clip distance {best.distance:.5g}); "
            f"the last step {step} has {distance:.5g}"
        )
        best.load()
        return Exported(best.step, best.distance)

    def _distance_of_last(self) -> float:
        step = self._step
        if self._best.step == step:
            return self._best.distance
        if self._measured is None or self._measured[0] != step:
            self._measured = step, self._measure()
        return self._measured[1]
