"""The training loop. It runs steps and, at intervals, examines, saves, logs and samples."""

from __future__ import annotations

import itertools
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
from mocogan.trainer.errors import (
    DataUnreadable,
    TrainingDiverged,
    TrainingStopped,
    first_line,
)
from mocogan.trainer.log.training_log import TrainingLog
from mocogan.trainer.loop.batch_parts import Losses
from mocogan.trainer.loop.divergence import DivergenceGuard
from mocogan.trainer.loop.export_choice import ExportChoice, Exported
from mocogan.trainer.loop.metrics import TrainingMetrics
from mocogan.trainer.loop.recorder import Recorder
from mocogan.trainer.loop.step_timer import StepTimer
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.networks.norms.standardization import Standardization
from mocogan.trainer.runtime.device import compute_dtype, slow_kernels, unused_gpu
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.runtime.stop_signals import StopRequest, stop_signals
from mocogan.trainer.state import TrainingState

_ADAPTED_CLIPS = 256  # enough for two moments of each color channel

Batch = dict[str, tf.Tensor]
BatchesFrom = Callable[[int], tf.data.Dataset]


class TrainingRecord(NamedTuple):
    """Result of a training. `steps` counts this run only. The other fields cover all runs so far."""

    steps: int
    metrics: TrainingMetrics
    verdict: str  # of the training doctor, one line
    examination: dict[str, float]  # metrics of the last examination
    exported: Exported


class _Step(NamedTuple):
    """A completed step."""

    number: int  # steps completed, including this one
    losses: Losses
    batch: Batch


def train(
    config: TrainerConfig,
    state: TrainingState,
    batches_from: BatchesFrom,
    *,
    checkpoint_dir: str,
    log_dir: str,
    publish_dir: str | None = None,
    code: str = "",
    fps: float | None = None,
) -> TrainingRecord:
    """Train `state` until `run.steps` or `run.max_minutes` is reached.

    The training resumes if `checkpoint_dir` has a checkpoint. To resume an interrupted training, make the same call
    again. If the training diverges, it returns to the last checkpoint and lowers the learning rates.

    Args:
        config: Configuration of the trainer.
        state: Networks, optimizers and counters. They are updated in place. At the end, the EMA generator has the
            weights to export. With `run.export: best`, these can be of an earlier step than all else.
        batches_from: Takes a step number n and returns an endless dataset that starts with the batch of step n. Each
            batch is {CLIP: uint8 [B, T, S, S, 3], CATEGORY: int64 [B]}: the global batch, or this process's rows of it.
        checkpoint_dir: Folder for the checkpoints of this training.
        log_dir: Folder for the log of this training: TensorBoard's event files, `metrics.jsonl` and `samples`. A
            training that resumes continues it.
        publish_dir: Folder that also receives the last checkpoint. None: no copy.
        code: Version of the code. If another version started the training, it resumes with a warning.
        fps: Frame rate of the clips, at which the sample grids play. None: it is not known.

    Returns:
        The steps of this run, and the metrics and the training doctor's verdict over all runs. Also the step whose
        weights the EMA generator has.

    Raises:
        TrainingDiverged: The training still diverges after 3 rollbacks.
        DataUnreadable: A data file cannot be read.
        NotWritten: A checkpoint, a sample grid or a log cannot be written.
        TrainingStopped: The process received SIGTERM.
        KeyboardInterrupt: The process received SIGINT (Ctrl-C).
        ValueError: The dataset ends, or all checkpoints are damaged, or they belong to other networks. Also if
            `max_minutes` is set for several processes, the batch size does not fit the devices, or the package of a
            tracker is missing.
    """
    if config.run.max_minutes is not None and state.distribution.many_processes:
        # Each process has its own clock. If one stopped a step early, the others would wait forever.
        raise ValueError(
            f"trainer.run.max_minutes={config.run.max_minutes:g} works only in a single process: set "
            "trainer.run.steps instead, or set trainer.run.distribution to none or mirrored"
        )
    if config.run.deterministic:
        tf.config.experimental.enable_op_determinism()
    with stop_signals() as stop:
        loop = _Loop(config, state, batches_from, checkpoint_dir, log_dir, code, stop, fps)
        record = loop.run()
    if publish_dir:
        loop.checkpoints.publish(publish_dir)
    return record


class _Loop:
    """Runs steps until the training ends. Saves, logs, samples and examines at their intervals and at the end."""

    def __init__(
        self,
        config: TrainerConfig,
        state: TrainingState,
        batches_from: BatchesFrom,
        checkpoint_dir: str,
        log_dir: str,
        code: str,
        stop: StopRequest,
        fps: float | None,
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
        self._export_choice = ExportChoice(config, state, batches_from, checkpoint_dir)
        self._timer = StepTimer(config.run.batch_size, config.run.max_minutes)
        self._recorder = Recorder(
            TrainingLog(config, state, log_dir, fps),
            config,
            state,
            metrics=self._metrics,
            doctor=self._doctor,
            export_choice=self._export_choice,
            timer=self._timer,
            save_and_say=self._save_and_say,
        )
        self._steps_of_this_run = 0
        self._ended = False
        self._unsaved: _Step | None = None  # the last step, None once it is saved
        self._checked: _Step | None = None  # the last step that passed the divergence check

    def run(self) -> TrainingRecord:
        """Start or resume, then train until the step or time limit is reached."""
        self._begin()
        steps, done = self._config.run.steps, self._step
        self._recorder.begin(done, self._due(done))
        if not self._ended:
            for warning in filter(None, (unused_gpu(), slow_kernels())):
                notify(f"warning: {warning}")
            # A time limit leaves the number of steps unknown.
            total = steps - done if self._config.run.max_minutes is None else None
            with progress("MoCoGanTrainer", total, "steps") as bar:
                self._run_to_the_end(bar)
            if self._step < steps:
                limit = self._config.run.max_minutes
                notify(f"stopped at step {self._step}: trainer.run.max_minutes={limit:g} reached")
        self._update_times()
        self._recorder.end(self._step)
        return TrainingRecord(
            self._steps_of_this_run,
            self._metrics,
            self._doctor.verdict,
            self._doctor.metrics,
            self._export_choice.choose(),
        )

    @property
    def _step(self) -> int:
        """Number of completed steps. Reading it waits for the device."""
        return int(self._state.step.numpy())

    def _begin(self) -> None:
        """Resume from the newest checkpoint or write the first one. Fails early if checkpoints cannot be written."""
        saved_code = self._restore()
        if saved_code is None:
            self._write_checkpoint()
        if self._step == 0:
            self._adapt()
        if saved_code is None:
            return
        self._timer.add(self._metrics.seconds)
        steps, limit = self._config.run.steps, self._config.run.max_minutes
        text = f"resuming at step {self._step} of trainer.run.steps={steps}"
        if limit is not None:
            text += f", {self._timer.seconds / 60:.1f} minutes of trainer.run.max_minutes={limit:g} used"
        notify(f"{text} ({self._folder})")
        if saved_code != self._code:
            notify(
                "warning: this training was started by a different version of the code. "
                f"To start over, delete {self._folder}"
            )

    def _adapt(self) -> None:
        """Measure the pixel values of the data before the first step, if the image discriminator wants them."""
        image = self._state.image_discriminator
        layers = [m for m in image.submodules if isinstance(m, Standardization)] if image else []
        for layer in layers:
            number = -(-_ADAPTED_CLIPS // self._config.run.batch_size)
            layer.adapt(batch[CLIP] for batch in itertools.islice(self._batches(0), number))
        if layers:
            # Each process may have measured other clips.
            self._state.distribution.share_from_chief(self._state.variables)
            self._write_checkpoint()

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
            if due:  # inside the timed span, because the check waits for the device
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
                f"cannot read the training data: {first_line(error)}. {self._save_and_say()}"
            ) from error
        raise ValueError(
            "the dataset ended before the training: make it endless with dataset.repeat()"
        )

    def _follow_schedule(self, step: int) -> None:
        """Update the state's training progress in [0, 1] if learning rate decay is on."""
        if self._config.optimizer.decay_half_life is not None:
            share = max(step / self._config.run.steps, self._timer.progress)
            self._state.progress.assign(min(share, 1.0))

    def _due(self, step: int) -> set[str]:
        """Return the tasks that are due after `step` steps."""
        intervals = {
            "log": self._config.diagnostics.log_interval,
            "sample": self._config.diagnostics.sample_interval,
            "save": self._config.checkpoint.interval,
        }
        # The clock is read once per step, so the final tasks run together or not at all.
        self._ended = step >= self._config.run.steps or (step > 0 and self._timer.time_is_up)
        due = {name for name, interval in intervals.items() if self._ended or step % interval == 0}
        return due | {"stop"} if self._stop.signal else due

    def _do(self, due: set[str], step: _Step) -> None:
        if "log" in due and self._state.distribution.chief:
            self._doctor.examine(step.number, step.batch, self._metrics.losses)
        if "save" in due:
            # Save after the examination, because the checkpoint holds its verdict. Save before logging and sampling,
            # because these may fail, for example on a full disk.
            self._save()
        self._recorder.write(step.number, step.batch[CLIP], due)
        if "stop" in due:
            self._end_by_signal()

    def _check(self, step: _Step) -> None:
        """Read the losses from the device, once per step. Raises TrainingDiverged if losses or variables are bad."""
        if step is self._checked:
            return
        losses = {name: float(loss) for name, loss in step.losses.items()}
        self._guard.check(step.number, losses)
        self._metrics.losses |= losses
        self._checked = step

    def _save(self) -> None:
        """Save the last step if it is not saved yet. Raises TrainingDiverged if it is bad."""
        if self._unsaved is None:
            return
        self._check(self._unsaved)
        if self._state.distribution.chief:
            self._metrics.sample_distance = self._sample_distance(self._unsaved.batch)
        self._export_choice.consider()
        self._write_checkpoint()
        self._unsaved = None

    def _write_checkpoint(self) -> None:
        self._update_times()
        self.checkpoints.save(
            {
                "metrics": self._metrics.as_json(),
                "doctor": self._doctor.as_json(),
                "export": self._export_choice.as_json(),
                "code": self._code,
            },
            self._metrics.sample_distance,
        )
        self._export_choice.delete_older()

    def _restore(self) -> str | None:
        """Load the newest checkpoint. Returns the code version in it, or None without a checkpoint."""
        about = self.checkpoints.restore()
        if about is None:
            return None
        self._metrics.restore(about["metrics"])
        self._doctor.restore(about["doctor"])
        self._export_choice.restore(about.get("export", {}))
        return str(about["code"])

    def _roll_back(self, diverged: TrainingDiverged) -> None:
        rollbacks = int(self._state.rollbacks.numpy())
        self._restore()
        self._guard.lower_learning_rates(diverged, rollbacks, self._folder)
        self._write_checkpoint()  # keeps the rollback count if the process is killed
        self._unsaved = None
        self._ended = False  # the diverged step may have been the last one
        self._recorder.begin(self._step)

    def _end_by_signal(self) -> None:
        assert self._stop.signal is not None
        text = f"stopped by {self._stop.signal.name}. {self._save_and_say()}"
        if self._stop.signal == signal.SIGINT:
            notify(text)
            raise KeyboardInterrupt
        raise TrainingStopped(text)

    def _save_and_say(self) -> str:
        self._save()
        return f"Step {self._step} is saved. Run the same command again to resume"

    def _update_times(self) -> None:
        self._metrics.seconds = self._timer.seconds
        # A run without a timed step keeps the rate of an earlier run.
        self._metrics.clips_per_second = (
            self._timer.clips_per_second or self._metrics.clips_per_second
        )

    def _progress_fields(self) -> dict[str, str]:
        """Return the values that the progress bar shows beside the steps."""
        losses, limit = self._metrics.losses, self._config.run.max_minutes
        fields = {} if limit is None else {"minutes": f"{self._timer.seconds / 60:.1f}/{limit:g}"}
        return fields | {
            name: f"{losses[name]:.3f}" for name in ("d_loss", "g_loss") if name in losses
        }
