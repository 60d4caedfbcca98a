"""Trainings of a few steps, with faults where a test wants them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.data.address import is_remote
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.loop.train import TrainingRecord, train
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Fault = Callable[[TrainingState], None]
Step = Callable[[int], dict[str, float]]

NO_FAULTS: Mapping[int, Fault] = {}


@pytest.fixture
def start(
    tmp_path: Path, clip_shape: ClipShape, batch: Batch
) -> Callable[..., tuple[TrainingState, TrainingRecord]]:
    """Trains a new state on one repeated batch, its folders `run` and `name` below tmp_path. `name` can be an address.

    `faults` are done to the state: before the step of that number, the first time or `always`.
    """

    def run(
        name: str = "checkpoints",
        log_dir: str = str(tmp_path / "run"),
        faults: Mapping[int, Fault] = NO_FAULTS,
        always: bool = False,
        **options: object,
    ) -> tuple[TrainingState, TrainingRecord]:
        # The seed's networks are the quickest.
        intervals = {"log_interval": 1, "sample_interval": 2, "interval": 2}
        config = tiny(**{"architecture": "seed", **intervals, **options})
        state = TrainingState(config, clip_shape, config.model.num_categories(2))
        waiting = dict(faults)

        def batches_from(step: int) -> Iterator[Batch]:
            for number in itertools.count(step):
                # The clips of the clip distance come from here too, but not at the step of their number.
                if number in waiting and number == state.step.numpy():
                    (waiting[number] if always else waiting.pop(number))(state)
                yield batch

        folder = name if is_remote(name) else str(tmp_path / name)
        return state, train(config, state, batches_from, checkpoint_dir=folder, log_dir=log_dir)

    return run


@pytest.fixture
def start_steps(clip_shape: ClipShape, batch: Batch) -> Callable[..., tuple[TrainingState, Step]]:
    """A new state, and the function that makes step n of it on always the same batch."""

    def make(
        num_categories: int = 0, dtype: tf.DType = tf.float32, **options: object
    ) -> tuple[TrainingState, Step]:
        config = tiny(**options)
        state = TrainingState(config, clip_shape, num_categories)
        train_step = TrainStep(config, state, dtype)

        def step(number: int) -> dict[str, float]:
            losses = train_step(batch[CLIP], batch[CATEGORY], number)
            return {name: float(loss) for name, loss in losses.items()}

        return state, step

    return make
