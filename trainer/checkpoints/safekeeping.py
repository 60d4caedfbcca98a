"""What keeps a training from being lost: only good states are saved, and a bad one gives way to the last good one."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from mocogan.trainer.checkpoints.divergence import HealthCheck
from mocogan.trainer.checkpoints.manager import BEST, Checkpoints
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.diagnostics.doctor import Doctor
from mocogan.trainer.diagnostics.sample_distance import SampleMeter
from mocogan.trainer.loop.failures import TrainingDiverged
from mocogan.trainer.loop.notices import tell
from mocogan.trainer.loop.step_timer import Stopwatch
from mocogan.trainer.runtime.device import compute_dtype
from mocogan.trainer.state import TrainingState


class SafeKeeping:
    """The state's checkpoints, and the figures that are saved with them.

    Of several processes the chief alone reads and writes them; the others get the state from it, and need no folder
    that all can see.
    """

    def __init__(
        self,
        hyperparameters: HyperParameters,
        state: TrainingState,
        folder: str,
        stopwatch: Stopwatch,
        code: str,
    ) -> None:
        """`code`: version of the code, for a warning when another one began the training."""
        self.losses: dict[str, float] = {}  # the last ones read from the device, finite
        self.sample_distance: float | None = None
        self.doctor = Doctor(hyperparameters, state, compute_dtype(hyperparameters.mixed_precision))
        self._hyperparameters = hyperparameters
        self._state = state
        self._chief = state.distribution.chief
        self._folder = folder
        self._stopwatch = stopwatch
        self._code = code
        self._rate = 0.0  # of an earlier run
        self._looked_at: dict[str, tf.Tensor] | None = None
        self._checkpoints = Checkpoints(state, folder, hyperparameters.checkpoints_kept)
        self._health = HealthCheck(state, hyperparameters.max_loss)
        self._measure = SampleMeter(hyperparameters, state)

    @property
    def step(self) -> int:
        """Steps that the state has behind it. Waits for the device."""
        return int(self._state.step.numpy())

    @property
    def clips_per_second(self) -> float:
        """Of this run, or of an earlier one when this one has done too little to tell."""
        return self._stopwatch.clips_per_second or self._rate

    def begin(self) -> None:
        """Goes on from the newest checkpoint, or makes the first one: whoever cannot save shall know it now."""
        about = self._restore()
        if about is None:
            if self._chief:
                self._write()
            return
        self._stopwatch.add(about["seconds"])
        self._rate = about["clips_per_second"]
        self._tell_what_is_left()
        if about["code"] != self._code:
            tell(f"warning: other code made them; to start over, delete {self._folder}")

    def look(self, step: int, losses: dict[str, tf.Tensor]) -> None:
        """Reads the losses of the last step from the device. Raises TrainingDiverged unless the state is good."""
        if losses is self._looked_at:
            return
        read = {name: float(loss) for name, loss in losses.items()}
        self._health.check(step, read)
        self.losses |= read
        self._looked_at = losses

    def examine(self, step: int, batch: dict[str, tf.Tensor]) -> None:
        """Lets the doctor look at a state that `look` found good; of several processes in the chief alone."""
        if self._chief:
            self.doctor.examine(step, batch, self.losses)

    def save(self, batch: dict[str, tf.Tensor]) -> None:
        """Writes a checkpoint of a state that `look` found good, with its `sample_distance` from `batch`."""
        if self._chief:
            self.sample_distance = self._measure(batch)
            self._write()

    def roll_back(self, diverged: TrainingDiverged) -> None:
        """Back to the last checkpoint, with lower learning rates. Raises TrainingDiverged when that was done often."""
        rollbacks = int(self._state.rollbacks.numpy()) + 1
        self._restore()
        if rollbacks > self._hyperparameters.max_rollbacks:
            raise TrainingDiverged(
                f"{diverged}, after {rollbacks - 1} rollbacks (trainer.max_rollbacks) with learning rates down to "
                f"{self._learning_rates()}: lower trainer.generator_learning_rate and "
                "trainer.discriminator_learning_rate, or set trainer.mixed_precision to float32. "
                f"The last good state is that of step {self.step} in {self._folder}"
            ) from diverged
        self._state.rollbacks.assign(rollbacks)
        for rate in self._state.learning_rates:
            rate.assign(rate * self._hyperparameters.rollback_factor)
        if self._chief:
            self._write()  # so that the count outlasts a kill
        tell(
            f"warning: {diverged}; back to step {self.step} with learning rates {self._learning_rates()} "
            f"(rollback {rollbacks} of {self._hyperparameters.max_rollbacks})"
        )

    def publish(self, folder: str) -> None:
        """Puts the newest checkpoint into `folder` too."""
        if self._chief:
            self._checkpoints.publish(folder)

    def _tell_what_is_left(self) -> None:
        steps, minutes = self._hyperparameters.steps, self._hyperparameters.minutes
        text = (
            f"{self.step} steps were done before, {max(steps - self.step, 0)} are left to "
            f"trainer.steps={steps}"
        )
        if minutes is not None:
            done = self._stopwatch.seconds / 60.0
            text += f"; {done:.1f} of trainer.minutes={minutes:g} are used up"
        tell(f"{text} ({self._folder})")

    def _restore(self) -> dict[str, Any] | None:
        about = self._checkpoints.restore() if self._chief else None
        self._state.distribution.share_from_chief(self._state.variables)
        if about is not None:
            self.losses, self.sample_distance = about["losses"], about[BEST]
            if "doctor" in about:  # earlier code had none
                self.doctor.recall(about["doctor"])
        return about

    def _write(self) -> None:
        self._checkpoints.save(
            {
                "losses": self.losses,
                BEST: self.sample_distance,
                "seconds": self._stopwatch.seconds,
                "clips_per_second": self.clips_per_second,
                "code": self._code,
                "doctor": self.doctor.memory(),
            }
        )

    def _learning_rates(self) -> str:
        generator, discriminator = (float(rate.numpy()) for rate in self._state.learning_rates)
        return f"{generator:.2g} and {discriminator:.2g}"
