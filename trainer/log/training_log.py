"""The log of a training. Several runs of the training write to one folder, as if it had never been interrupted."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb

from mocogan.data import atomic
from mocogan.trainer import contract
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.log import scalars
from mocogan.trainer.log.event_file import EventFile, gif_summary
from mocogan.trainer.log.fixed_samples import NUM_CLIPS, FixedSamples
from mocogan.trainer.log.metrics_file import MetricsFile
from mocogan.trainer.log.options import (
    end_summary,
    hyperparameters,
    options_table,
    start_summaries,
)
from mocogan.trainer.log.sample_files import REAL, SampleFiles, encode_grid, step_name
from mocogan.trainer.log.tracking.packages import check_packages
from mocogan.trainer.log.tracking.trackers import Trackers
from mocogan.trainer.state import TrainingState

_CONFIG_FILE = "trainer_config.json"  # the options of the last run, in the log's folder
_GENERATED = "Samples of the same latents through the training. The classes take turns."
_REAL = "The first clips of the training."


class TrainingLog:
    """Writes to the folder of a training's log. If several processes train together, only the chief writes.

    All methods raise OSError or tf.errors.OpError if writing fails.
    """

    def __init__(
        self, config: TrainerConfig, state: TrainingState, folder: str, fps: float | None = None
    ) -> None:
        """`fps` is the frame rate of the clips, None if it is not known.

        Raises PackageMissing if the package of a tracker is not installed.
        """
        check_packages(config.diagnostics)
        self._config, self._folder, self._fps = config, folder, fps
        self._writes = state.distribution.chief
        self._samples = FixedSamples(state, config.run.seed)
        self._events = EventFile(folder)
        self._metrics = MetricsFile(f"{folder}/{contract.METRICS_FILE}")
        self._files = SampleFiles(f"{folder}/{contract.SAMPLES_FOLDER}")
        self._trackers: Trackers | None = None
        self._verdict = ""
        self._real: list[np.ndarray] | None = None  # clips seen so far; None: they are written

    def begin(self, step: int) -> None:
        """Start or continue the log after `step` steps. Entries and samples of later steps are dropped."""
        if not self._writes:
            return
        tf.io.gfile.makedirs(self._folder)
        self._metrics.keep_until(step)
        self._files.keep_until(step)
        self._verdict = self._metrics.last_verdict
        self._real = None if self._files.has(REAL) else []
        self._events.restart(step + 1)
        self._write_options(step)
        if self._trackers is None:  # not after a rollback
            name = os.path.basename(self._folder)
            options = hyperparameters(self._config)
            self._trackers = Trackers(self._config.diagnostics, self._folder, name, options)

    def lacks_entry(self, step: int) -> bool:
        """Return whether the entry of `step` is not written yet."""
        return self._writes and self._metrics.last_step < step

    def lacks_samples(self, step: int) -> bool:
        """Return whether the samples of `step` are not written yet."""
        return self._writes and not self._files.has(step_name(step))

    def write_entry(
        self, step: int, seconds: float, values: Mapping[str, float], verdict: str
    ) -> None:
        """Write scalars by their names in `scalars`, and the training doctor's verdict.

        `seconds` is the wall time of the training so far.
        """
        if not self._writes:
            return
        summaries = [
            scalar_pb(scalars.tag(name), value, scalars.DESCRIPTIONS.get(name))
            for name, value in values.items()
        ]
        if verdict != self._verdict:
            summaries.append(text_pb(scalars.tag(f"{scalars.DIAGNOSTICS}/verdict"), verdict))
        self._events.write(step, *summaries)
        entry = {"step": step, "time": time.time(), "seconds": seconds, **values}
        self._metrics.append({**entry, "verdict": verdict})
        self._verdict = verdict
        assert self._trackers
        self._trackers.write_scalars(step, values)

    def write_samples(self, step: int) -> None:
        """Write the samples after `step` steps."""
        if self._writes:
            self._write_clips(step, "generated", step_name(step), self._samples(), _GENERATED)

    def add_real(self, clips: tf.Tensor) -> None:
        """Take real clips [B, T, H, W, 3] uint8. The first 16 are written, once per training."""
        if self._real is None:
            return
        self._real += list(clips.numpy()[: NUM_CLIPS - len(self._real)])
        if len(self._real) == NUM_CLIPS:
            self._write_real()

    def end(self, step: int) -> None:
        """Close the log of a training that ended after `step` steps."""
        if not self._writes:
            return
        if self._real:
            self._write_real()
        if self._events.is_open:
            self._events.write(step, end_summary(time.time()))
            self._events.close()
        assert self._trackers
        self._trackers.end()

    def _write_real(self) -> None:
        assert self._real
        self._write_clips(0, REAL, REAL, np.stack(self._real), _REAL)
        self._real = None

    def _write_clips(
        self, step: int, tag: str, name: str, clips: np.ndarray, description: str
    ) -> None:
        grid = encode_grid(clips, self._fps)
        self._events.write(
            step,
            gif_summary(
                scalars.tag(f"{scalars.SAMPLES}/{tag}"),
                *grid,
                description=description,
            ),
        )
        self._files.write(name, clips, grid)
        assert self._trackers
        self._trackers.write_samples(step, name, grid.gif)

    def _write_options(self, step: int) -> None:
        """Write the options, unless the last run had the same ones."""
        path = f"{self._folder}/{_CONFIG_FILE}"
        content = self._config.model_dump_json(indent=2).encode()
        before = _read(path)
        if content == before:
            return
        if before is None:
            # TensorBoard keeps the first hyper-parameters of a run.
            name = os.path.basename(self._folder)
            self._events.write(0, *start_summaries(self._config, name))
        self._events.write(step, text_pb("5 configuration", options_table(self._config)))
        atomic.write_file(path, content)


def _read(path: str) -> bytes | None:
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        content: bytes = file.read()
    return content
