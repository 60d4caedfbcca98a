"""The training loop: steps, and between them what is due."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import NamedTuple

import tensorflow as tf

from mocogan.data.progress import Progress, progress
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.doctor import Doctor
from mocogan.trainer.diagnostics.sample_distance import SampleMeter
from mocogan.trainer.diagnostics.summary_writer import SummaryWriter
from mocogan.trainer.errors import DataUnreadable, NotWritten, TrainingDiverged, TrainingStopped
from mocogan.trainer.loop.batch_parts import Losses
from mocogan.trainer.loop.divergence import DivergenceGuard
from mocogan.trainer.loop.metrics import TrainingMetrics
from mocogan.trainer.loop.step_timer import StepTimer
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.runtime.device import compute_dtype, slow_kernels, unused_gpu
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.runtime.stop_signals import StopRequest, stop_signals
from mocogan.trainer.state import TrainingState

Batch = dict[str, tf.Tensor]
BatchesFrom = Callable[[int], tf.data.Dataset]


class TrainingRecord(NamedTuple):
    """What a training did: `steps` in this run of it, the rest in all runs so far."""

    steps: int
    metrics: TrainingMetrics
    verdict: str  # the doctor's, one line
    examination: dict[str, float]  # the metrics of its last one


class _Step(NamedTuple):
    """A step that was done."""

    number: int  # steps done, this one included
    losses: Losses
    batch: Batch


def train(
    config: TrainerConfig,
    state: TrainingState,
    batches_from: BatchesFrom,
    *,
    checkpoint_dir: str,
    run_dir: str,
    publish_dir: str | None = None,
    code: str = "",
) -> TrainingRecord:
    """Trains `state` for `run.steps` or `run.max_minutes`; resumes if `checkpoint_dir` has a checkpoint.

    `batches_from(n)` gives endless batches {CLIP: uint8 [B, T, S, S, 3], CATEGORY: int64 [B]}, that of step n first.
    Scalars and texts for TensorBoard go to `run_dir`, sample grids to `run_dir/samples`, the last checkpoint also to
    `publish_dir`. `code` names the version of the code: a training that another version began resumes with a warning.

    A training that diverges goes back to its last checkpoint with lower learning rates. The same call again resumes.

    Raises:
        TrainingDiverged: lower learning rates do not help.
        DataUnreadable, NotWritten: a file cannot be read or written.
        TrainingStopped: after SIGTERM; KeyboardInterrupt after Ctrl-C.
        ValueError: the data ends, no checkpoint is whole or it belongs to other networks, or `max_minutes` is set with
            several processes.
    """
    if config.run.max_minutes is not None and state.distribution.many_processes:
        # Each has its own clock. One that took a step less would leave the others waiting forever.
        raise ValueError(
            f"trainer.run.max_minutes={config.run.max_minutes:g} needs a training in one process: remove it and set "
            "trainer.run.steps, or set trainer.run.distribution to none or mirrored"
        )
    if config.run.deterministic:
        tf.config.experimental.enable_op_determinism()
    with stop_signals() as stop:
        loop = _Loop(config, state, batches_from, checkpoint_dir, run_dir, code, stop)
        record = loop.run()
    if publish_dir:
        loop.checkpoints.publish(publish_dir)
    return record


class _Loop:
    """Runs steps until the training ends; saves, logs, samples and examines at their intervals and at the end."""

    def __init__(
        self,
        config: TrainerConfig,
        state: TrainingState,
        batches_from: BatchesFrom,
        checkpoint_dir: str,
        run_dir: str,
        code: str,
        stop: StopRequest,
    ) -> None:
        dtype = compute_dtype(config.run.mixed_precision)
        self.checkpoints = CheckpointManager(state, checkpoint_dir, config.checkpoint.max_to_keep)
        self._config, self._state, self._batches_from = config, state, batches_from
        self._folder, self._code, self._stop = checkpoint_dir, code, stop
        self._train_step = TrainStep(config, state, dtype)
        self._guard = DivergenceGuard(state)
        self._metrics = TrainingMetrics()
        self._doctor = Doctor(config, state, dtype)
        self._sample_distance = SampleMeter(config, state)
        self._writer = SummaryWriter(config, state, run_dir)
        self._timer = StepTimer(config.run.batch_size, config.run.max_minutes)
        self._steps_of_this_run = 0
        self._ended = False
        self._unsaved: _Step | None = None  # the last step, until it is saved
        self._checked: _Step | None = None  # the last step that was found good

    def run(self) -> TrainingRecord:
        """Begins or resumes, until the steps are done or the time is up."""
        self._begin()
        steps, done = self._config.run.steps, self._step
        self._ended = done >= steps or (done > 0 and self._timer.time_is_up)
        if not self._ended:
            for warning in filter(None, (unused_gpu(), slow_kernels())):
                notify(f"warning: {warning}")
            # With a time limit the number of steps is not known.
            total = steps - done if self._config.run.max_minutes is None else None
            with progress("MoCoGanTrainer", total, "steps") as bar:
                self._run_to_the_end(bar)
            if self._step < steps:
                limit = self._config.run.max_minutes
                notify(f"stopped at step {self._step}: trainer.run.max_minutes={limit:g} reached")
        self._update_times()
        return TrainingRecord(
            self._steps_of_this_run, self._metrics, self._doctor.verdict, self._doctor.metrics
        )

    @property
    def _step(self) -> int:
        """Steps that are done. Waits for the device."""
        return int(self._state.step.numpy())

    def _begin(self) -> None:
        """Resumes from the newest checkpoint, or writes the first one: fail early if checkpoints cannot be written."""
        saved_code = self._restore()
        if saved_code is None:
            self._write_checkpoint()
            return
        self._timer.add(self._metrics.seconds)
        steps, limit = self._config.run.steps, self._config.run.max_minutes
        text = f"resuming at step {self._step} of trainer.run.steps={steps}"
        if limit is not None:
            text += f", {self._timer.seconds / 60:.1f} of trainer.run.max_minutes={limit:g} used"
        notify(f"{text} ({self._folder})")
        if saved_code != self._code:
            notify(f"warning: other code began this training; to start over, delete {self._folder}")

    def _run_to_the_end(self, bar: Progress) -> None:
        while not self._ended:
            try:
                self._run_from(self._step, bar)
            except TrainingDiverged as error:
                reached = self._step
                self._roll_back(error)
                bar.advance(self._step - reached)

    def _run_from(self, first: int, bar: Progress) -> None:
        self._timer.begin_step()
        for number, batch in enumerate(self._batches(first), start=first):
            traces = self._train_step.traces
            self._follow_schedule(number)
            losses = self._train_step(batch[CLIP], batch[CATEGORY], number)
            step = self._unsaved = _Step(number + 1, losses, batch)
            due = self._due(step.number)
            if due:  # before the time is taken, because it waits for the device
                self._check(step)
            self._timer.end_step(traced=self._train_step.traces > traces)
            self._steps_of_this_run += 1
            bar.advance(1, **self._progress_fields())
            self._do(due, step)
            if self._ended:
                return
            self._timer.begin_step()

    def _batches(self, first: int) -> Iterator[Batch]:
        try:
            yield from self._batches_from(first)
        except tf.errors.OpError as error:
            raise DataUnreadable(
                f"cannot read the training data: {_first_line(error)}. {self._save_and_say()}"
            ) from error
        raise ValueError("the data set ended before the training: let it repeat")

    def _follow_schedule(self, step: int) -> None:
        """Gives the state the share of the training that is done, if its learning rates depend on it."""
        if self._config.optimizer.decay_half_life is not None:
            share = max(step / self._config.run.steps, self._timer.progress)
            self._state.progress.assign(min(share, 1.0))

    def _due(self, step: int) -> set[str]:
        """What is to be done when `step` steps are done."""
        intervals = {
            "log": self._config.diagnostics.log_interval,
            "sample": self._config.diagnostics.sample_interval,
            "save": self._config.checkpoint.interval,
        }
        due = {name for name, interval in intervals.items() if step % interval == 0}
        # Asked once a step, so that all that is due at the end is done, or none of it.
        self._ended = step >= self._config.run.steps or self._timer.time_is_up
        if self._ended:
            due = set(intervals)
        return due | {"stop"} if self._stop.signal else due

    def _do(self, due: set[str], step: _Step) -> None:
        if "log" in due and self._state.distribution.chief:
            self._doctor.examine(step.number, step.batch, self._metrics.losses)
        if "save" in due:
            # After the doctor, whose verdict is saved, and before what may fail, on a full disk for example.
            self._save()
        try:
            if "log" in due:
                self._log(step.number)
            if "sample" in due:
                self._writer.write_samples(step.number)
        except tf.errors.OpError as error:
            raise NotWritten(f"{_first_line(error)}. {self._save_and_say()}") from error
        if "stop" in due:
            self._end_by_signal()

    def _check(self, step: _Step) -> None:
        """Reads the losses from the device, once a step. Raises TrainingDiverged unless the state is good."""
        if step is self._checked:
            return
        losses = {name: float(loss) for name, loss in step.losses.items()}
        self._guard.check(step.number, losses)
        self._metrics.losses |= losses
        self._checked = step

    def _save(self) -> None:
        """Saves the last step, if it is not saved yet and good."""
        if self._unsaved is None:
            return
        self._check(self._unsaved)
        if self._state.distribution.chief:
            self._metrics.sample_distance = self._sample_distance(self._unsaved.batch)
        self._write_checkpoint()
        self._unsaved = None

    def _write_checkpoint(self) -> None:
        self._update_times()
        self.checkpoints.save(
            {
                "metrics": self._metrics.as_json(),
                "doctor": self._doctor.as_json(),
                "code": self._code,
            },
            self._metrics.sample_distance,
        )

    def _restore(self) -> str | None:
        """Loads the newest checkpoint. Returns the version of the code that wrote it; None without a checkpoint."""
        about = self.checkpoints.restore()
        if about is None:
            return None
        self._metrics.restore(about["metrics"])
        self._doctor.restore(about["doctor"])
        return str(about["code"])

    def _roll_back(self, diverged: TrainingDiverged) -> None:
        rollbacks = int(self._state.rollbacks.numpy())
        self._restore()
        self._guard.lower_learning_rates(diverged, rollbacks, self._folder)
        self._write_checkpoint()  # the count of rollbacks outlasts a kill
        self._unsaved = None
        self._ended = False  # not at the step that it went back to

    def _end_by_signal(self) -> None:
        assert self._stop.signal is not None
        text = f"stopped by {self._stop.signal.name}. {self._save_and_say()}"
        if self._stop.signal == signal.SIGINT:
            notify(text)
            raise KeyboardInterrupt
        raise TrainingStopped(text)

    def _save_and_say(self) -> str:
        self._save()
        return f"Step {self._step} is saved: run again to resume from there"

    def _update_times(self) -> None:
        self._metrics.seconds = self._timer.seconds
        # A run too short to tell keeps the rate of an earlier one.
        self._metrics.clips_per_second = (
            self._timer.clips_per_second or self._metrics.clips_per_second
        )

    def _log(self, step: int) -> None:
        scalars = {f"losses/{name}": loss for name, loss in self._metrics.losses.items()}
        scalars |= {f"doctor/{name}": value for name, value in self._doctor.metrics.items()}
        if self._metrics.sample_distance is not None:
            scalars["sample_distance"] = self._metrics.sample_distance
        self._writer.write_scalars(step, scalars)
        self._writer.write_text(step, "doctor/verdict", self._doctor.verdict)

    def _progress_fields(self) -> dict[str, str]:
        """What the progress bar shows beside the steps."""
        losses, limit = self._metrics.losses, self._config.run.max_minutes
        fields = {} if limit is None else {"minutes": f"{self._timer.seconds / 60:.1f}/{limit:g}"}
        return fields | {
            name: f"{losses[name]:.3f}" for name in ("d_loss", "g_loss") if name in losses
        }


def _first_line(error: tf.errors.OpError) -> str:
    return str(error.message).splitlines()[0]
