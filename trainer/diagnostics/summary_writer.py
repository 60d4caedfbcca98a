"""Writes scalars and texts for TensorBoard, and sample grids."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.diagnostics.sample_grids import SampleGrids
from mocogan.trainer.state import TrainingState

SAMPLES_FOLDER = "samples"  # in the run's folder


class SummaryWriter:
    """Writes to the folder of a run. If several processes train together, only the chief writes."""

    def __init__(
        self, config: TrainerConfig, state: TrainingState, run_dir: str, fps: float | None = None
    ) -> None:
        """`fps` is the frame rate of the clips, None if it is not known."""
        self._writes = state.distribution.chief
        self._events = (
            tf.summary.create_file_writer(run_dir)
            if self._writes
            else tf.summary.create_noop_writer()
        )
        self._texts: dict[str, str] = {}
        self._grids = SampleGrids(
            state, seed=config.run.seed, folder=f"{run_dir}/{SAMPLES_FOLDER}", fps=fps
        )

    def write_scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write metrics by name."""
        with self._events.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)
        self._events.flush()

    def write_text(self, step: int, name: str, text: str) -> None:
        """Write a text by name, unless it is the same as the last one."""
        if self._texts.get(name) == text:
            return
        self._texts[name] = text
        with self._events.as_default(step=step):
            tf.summary.text(name, text)
        self._events.flush()

    def write_samples(self, step: int) -> None:
        """Write the sample grid of `step`."""
        if self._writes:
            self._grids.write(step)
