"""What a training leaves behind as it goes: scalars, sample grids and checkpoints."""

from __future__ import annotations

import math

import tensorflow as tf

from trainer.checkpoints import Checkpoints
from trainer.hyperparameters import HyperParameters
from trainer.samples import SampleGrids
from trainer.train_step import Losses
from trainer.training_state import TrainingState

SAMPLES_FOLDER = "samples"  # below the run's folder


class TrainingDiverged(RuntimeError):
    """A loss is no longer a finite number; the message names it and what to try."""


class Logbook:
    """Writes after the steps that the hyper-parameters name, and after the last one.

    `losses` are the last ones read from the device; reading them after every step would wait for it.
    """

    def __init__(
        self,
        hyperparameters: HyperParameters,
        state: TrainingState,
        checkpoints: Checkpoints,
        num_frames: int,
        run_dir: str,
    ) -> None:
        self.losses: dict[str, float] = {}
        self._hyperparameters = hyperparameters
        self._checkpoints = checkpoints
        self._scalars = tf.summary.create_file_writer(run_dir)
        self._grids = SampleGrids(hyperparameters, state, num_frames, f"{run_dir}/{SAMPLES_FOLDER}")

    @property
    def figures(self) -> dict[str, str]:
        """What a progress line shows."""
        return {
            name: f"{self.losses[name]:.3f}" for name in ("d_loss", "g_loss") if name in self.losses
        }

    def after_step(self, step: int, losses: Losses) -> None:
        """Does what is due when `step` steps are done. Raises TrainingDiverged when a loss is not finite."""
        log, sample, save = (
            step % every == 0 or step == self._hyperparameters.steps
            for every in (
                self._hyperparameters.log_every,
                self._hyperparameters.sample_every,
                self._hyperparameters.checkpoint_every,
            )
        )
        # A checkpoint of what is lost would take the place of a good one.
        if log or save:
            self._read(step, losses)
        if log:
            self._write_scalars(step)
        if sample:
            self._grids.write(step)
        if save:
            self._checkpoints.save()

    def _read(self, step: int, losses: Losses) -> None:
        self.losses |= {name: float(loss) for name, loss in losses.items()}
        for name, loss in self.losses.items():
            if not math.isfinite(loss):
                raise TrainingDiverged(
                    f"{name} is {loss} at step {step}: lower trainer.generator_learning_rate and "
                    "trainer.discriminator_learning_rate, or set trainer.mixed_precision to float32"
                )

    def _write_scalars(self, step: int) -> None:
        with self._scalars.as_default(step=step):
            for name, loss in self.losses.items():
                tf.summary.scalar(f"losses/{name}", loss)
        self._scalars.flush()
