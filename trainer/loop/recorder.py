"""Fills the training log from the parts of the training loop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.doctor import Doctor
from mocogan.trainer.errors import NotWritten, first_line
from mocogan.trainer.log.scalars import DIAGNOSTICS, LOSSES, METRICS, examined
from mocogan.trainer.log.training_log import TrainingLog
from mocogan.trainer.loop.export_choice import ExportChoice
from mocogan.trainer.loop.metrics import TrainingMetrics
from mocogan.trainer.loop.step_timer import StepTimer
from mocogan.trainer.optimizer.schedule import learning_rate_factor
from mocogan.trainer.runtime.memory import memory_mb
from mocogan.trainer.state import TrainingState


class Recorder:
    """Writes entries ("log") and samples ("sample") when they are due. All methods raise NotWritten."""

    def __init__(
        self,
        log: TrainingLog,
        config: TrainerConfig,
        state: TrainingState,
        *,
        metrics: TrainingMetrics,
        doctor: Doctor,
        export_choice: ExportChoice,
        timer: StepTimer,
        save_and_say: Callable[[], str],
    ) -> None:
        """`save_and_say` saves the last step if something cannot be written, and returns a sentence about it."""
        self._log, self._config, self._state = log, config, state
        self._metrics, self._doctor, self._timer = metrics, doctor, timer
        self._export_choice, self._save_and_say = export_choice, save_and_say

    def begin(self, step: int, due: Collection[str] = ()) -> None:
        """Start or continue the log. Write what an earlier run could not write after it saved `step`."""
        with self._writing():
            self._log.begin(step)
            if self._metrics.losses and "log" in due and self._log.lacks_entry(step):
                self._write_entry(step)
            if "sample" in due and self._log.lacks_samples(step):
                self._log.write_samples(step)

    def write(self, step: int, clips: tf.Tensor, due: Collection[str]) -> None:
        """Write what is due after `step` steps. `clips` are the real ones of the last step."""
        with self._writing():
            self._log.add_real(clips)
            if "log" in due:
                self._write_entry(step)
            if "sample" in due:
                self._log.write_samples(step)

    def end(self, step: int) -> None:
        """Close the log of a training that ended after `step` steps."""
        with self._writing():
            self._log.end(step)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, tf.errors.OpError) as error:
            raise NotWritten(
                f"cannot write training output: {first_line(error)}. {self._save_and_say()}"
            ) from error

    def _write_entry(self, step: int) -> None:
        self._log.write_entry(step, self._timer.seconds, self._values(), self._doctor.verdict)

    def _values(self) -> dict[str, float]:
        """Scalars by name. What was not measured is left out."""
        distances = {
            f"{METRICS}/sample_distance": self._metrics.sample_distance,
            f"{METRICS}/clip_distance": self._export_choice.clip_distance,
        }
        values = {name: value for name, value in distances.items() if value is not None}
        values |= {f"{LOSSES}/{name}": loss for name, loss in self._metrics.losses.items()}
        values |= {examined(name): value for name, value in self._doctor.metrics.items()}
        diagnostics = self._learning_rates() | self._speed() | memory_mb()
        return values | {f"{DIAGNOSTICS}/{name}": value for name, value in diagnostics.items()}

    def _learning_rates(self) -> dict[str, float]:
        factor = float(learning_rate_factor(self._config.optimizer, self._state.progress))
        generator, discriminator = (
            factor * float(rate.numpy()) for rate in self._state.learning_rates
        )
        return {
            "generator_learning_rate": generator,
            "discriminator_learning_rate": discriminator,
        }

    def _speed(self) -> dict[str, float]:
        seconds = self._timer.lap()
        if not seconds:
            return {}
        return {
            "step_seconds": seconds,
            "clips_per_second": self._config.run.batch_size / seconds,
        }
