"""The training loop."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import NamedTuple

import tensorflow as tf

from mocogan.data.progress import Progress, progress
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.checkpoints.safekeeping import SafeKeeping
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.loop.failures import (
    DataUnreadable,
    NotWritten,
    TrainingDiverged,
    TrainingStopped,
)
from mocogan.trainer.loop.gradients import Figures
from mocogan.trainer.loop.notices import tell
from mocogan.trainer.loop.step_timer import Stopwatch
from mocogan.trainer.loop.stop_signals import StopRequest, stop_signals
from mocogan.trainer.loop.summary_writer import Logbook
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.runtime.device import compute_dtype, slow_kernels, unused_gpu
from mocogan.trainer.state import TrainingState

Batch = dict[str, tf.Tensor]
BatchesFrom = Callable[[int], tf.data.Dataset]


class TrainingRecord(NamedTuple):
    """What a training did: `steps` in this run of it, the rest in all runs so far."""

    steps: int
    seconds: float
    clips_per_second: (
        float  # without compiling, sampling and saving; 0 if each step had to be compiled
    )
    losses: dict[str, float]
    sample_distance: float | None
    verdict: str  # the doctor's, one line
    examination: dict[str, float]  # the figures of its last one


def train(
    hyperparameters: HyperParameters,
    state: TrainingState,
    batches_from: BatchesFrom,
    checkpoint_dir: str,
    run_dir: str,
    publish_dir: str | None = None,
    code: str = "",
) -> TrainingRecord:
    """Trains `state` for `hyperparameters.steps` or `minutes`, going on from a checkpoint if `checkpoint_dir` has one.

    `batches_from(n)` gives endless batches {CLIP: uint8 [B, T, S, S, 3], CATEGORY: int64 [B]}, the one of
    step n first. Scalars and texts for TensorBoard go to `run_dir`, sample grids to `run_dir/samples`, the last
    checkpoint also to `publish_dir`. `code` names the version of the code: a training that another one began goes on
    with a warning.

    A training that diverges goes back to its last checkpoint with lower learning rates. Raises TrainingDiverged when
    that does not help, DataUnreadable, TrainingStopped after SIGTERM, KeyboardInterrupt after Ctrl-C,
    NotWritten, and ValueError for data that end, for a checkpoint of other networks or none that is whole, and for
    `minutes` with several processes. The same call again goes on from what is saved.
    """
    if hyperparameters.minutes is not None and state.distribution.many_processes:
        # Each has its own watch, and one that took a step less would leave the others waiting for ever.
        raise ValueError(
            f"trainer.minutes={hyperparameters.minutes:g} is for a training in one process: leave it out and set "
            "trainer.steps, or set trainer.distribution to none or mirrored"
        )
    if hyperparameters.deterministic:
        tf.config.experimental.enable_op_determinism()
    with stop_signals() as stop:
        loop = _Loop(hyperparameters, state, batches_from, checkpoint_dir, run_dir, code, stop)
        record = loop.run()
    if publish_dir:
        loop.keeping.publish(publish_dir)
    return record


class _Loop:
    """Runs steps, and after those that the hyper-parameters name, and the last one, does what is due."""

    def __init__(
        self,
        hyperparameters: HyperParameters,
        state: TrainingState,
        batches_from: BatchesFrom,
        checkpoint_dir: str,
        run_dir: str,
        code: str,
        stop: StopRequest,
    ) -> None:
        self._hyperparameters = hyperparameters
        self._state = state
        self._batches_from = batches_from
        self._stop = stop
        self._stopwatch = Stopwatch(hyperparameters.batch_size, hyperparameters.minutes)
        self.keeping = SafeKeeping(hyperparameters, state, checkpoint_dir, self._stopwatch, code)
        self._train_step = TrainStep(
            hyperparameters, state, compute_dtype(hyperparameters.mixed_precision)
        )
        self._logbook = Logbook(hyperparameters, state, state.clip_shape[0], run_dir)
        self._steps = 0
        self._ended = False
        self._unsaved: tuple[int, Figures, Batch] | None = None  # the last step, until it is saved

    def run(self) -> TrainingRecord:
        """Begins or goes on, until the steps are done or the time is up."""
        self.keeping.begin()
        done = self.keeping.step
        left = self._hyperparameters.steps - done
        self._ended = left <= 0 or (done > 0 and self._stopwatch.time_is_up)
        if not self._ended:
            for waste in (unused_gpu(), slow_kernels()):
                if waste:
                    tell(f"warning: {waste}")
            # With minutes nobody knows how many steps there will be.
            total = left if self._hyperparameters.minutes is None else None
            with progress("MoCoGanTrainer", total, "steps") as bar:
                self._run_to_the_end(bar)
            if self.keeping.step < self._hyperparameters.steps:
                tell(
                    f"trainer.minutes={self._hyperparameters.minutes:g} are over after step {self.keeping.step}"
                )
        return TrainingRecord(
            self._steps,
            self._stopwatch.seconds,
            self.keeping.clips_per_second,
            self.keeping.losses,
            self.keeping.sample_distance,
            self.keeping.doctor.verdict,
            self.keeping.doctor.figures,
        )

    def _run_to_the_end(self, bar: Progress) -> None:
        while not self._ended:
            try:
                self._run_from(self.keeping.step, bar)
            except TrainingDiverged as error:
                reached = self.keeping.step
                self.keeping.roll_back(error)
                self._unsaved = None
                self._ended = False  # not at the step that it went back to
                bar.advance(self.keeping.step - reached)

    def _run_from(self, first: int, bar: Progress) -> None:
        self._stopwatch.begin_step()
        for number, batch in enumerate(self._batches(first), start=first):
            traces = self._train_step.traces
            losses = self._train_step(batch[CLIP], batch[CATEGORY], number)
            self._unsaved = number + 1, losses, batch
            due = self._due(number + 1)
            if due:  # before the watch is read, for it waits for the device
                self.keeping.look(number + 1, losses)
            self._stopwatch.count_step(traced=self._train_step.traces > traces)
            self._steps += 1
            bar.advance(1, **self._shown())
            self._do(due, number + 1, batch)
            if self._ended:
                return
            self._stopwatch.begin_step()

    def _batches(self, first: int) -> Iterator[Batch]:
        try:
            yield from self._batches_from(first)
        except tf.errors.OpError as error:
            raise DataUnreadable(
                f"cannot read the training data: {_first_line(error)}. {self._what_is_saved()}"
            ) from error
        raise ValueError("the data set ended before the training: let it repeat")

    def _due(self, step: int) -> set[str]:
        """What is to be done when `step` steps are done."""
        every = {
            "log": self._hyperparameters.log_every,
            "sample": self._hyperparameters.sample_every,
            "save": self._hyperparameters.checkpoint_every,
            "examine": self._hyperparameters.examine_every,
        }
        due = {name for name, steps in every.items() if step % steps == 0}
        # Asked once a step, so that all that is due at the end is done, or none of it.
        self._ended = step >= self._hyperparameters.steps or self._stopwatch.time_is_up
        if self._ended:
            due = set(every)
        return due | {"stop"} if self._stop.signal else due

    def _do(self, due: set[str], step: int, batch: Batch) -> None:
        if "examine" in due:  # writes nothing, and its verdict is saved
            self.keeping.examine(step, batch)
        if "save" in due:  # first: what follows may fail, on a full disk for example
            self._save_last()
        try:
            if "log" in due:
                self._logbook.write_scalars(step, self._scalars())
            if "examine" in due:
                self._log_examination(step)
            if "sample" in due:
                self._logbook.write_samples(step)
        except tf.errors.OpError as error:
            raise NotWritten(f"{_first_line(error)}. {self._what_is_saved()}") from error
        if "stop" in due:
            self._end()

    def _end(self) -> None:
        wish = self._stop.signal
        assert wish is not None
        text = f"stopped by {wish.name}. {self._what_is_saved()}"
        if wish == signal.SIGINT:
            tell(text)
            raise KeyboardInterrupt
        raise TrainingStopped(text)

    def _what_is_saved(self) -> str:
        """Saves what is not, and says so."""
        self._save_last()
        return f"Step {self.keeping.step} is saved: run again to go on from there"

    def _save_last(self) -> None:
        if self._unsaved:
            step, losses, batch = self._unsaved
            self.keeping.look(step, losses)
            self.keeping.save(batch)
            self._unsaved = None

    def _shown(self) -> dict[str, str]:
        """What a progress line shows."""
        losses, minutes = self.keeping.losses, self._hyperparameters.minutes
        time = {"minutes": f"{self._stopwatch.seconds / 60:.1f} of {minutes:g}"} if minutes else {}
        return time | {
            name: f"{losses[name]:.3f}" for name in ("d_loss", "g_loss") if name in losses
        }

    def _log_examination(self, step: int) -> None:
        doctor = self.keeping.doctor
        figures = {f"doctor/{name}": figure for name, figure in doctor.figures.items()}
        self._logbook.write_scalars(step, figures)
        self._logbook.write_text(step, "doctor/verdict", doctor.verdict)

    def _scalars(self) -> dict[str, float]:
        scalars = {f"losses/{name}": loss for name, loss in self.keeping.losses.items()}
        if self.keeping.sample_distance is not None:
            scalars["sample_distance"] = self.keeping.sample_distance
        return scalars


def _first_line(error: tf.errors.OpError) -> str:
    return str(error.message).splitlines()[0]
