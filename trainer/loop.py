"""The training loop."""

from __future__ import annotations

import time
from typing import NamedTuple

import tensorflow as tf

from data.progress import progress
from data.records import CATEGORY, CLIP
from trainer.checkpoints import Checkpoints
from trainer.device import compute_dtype
from trainer.hyperparameters import HyperParameters
from trainer.logbook import Logbook
from trainer.train_step import TrainStep
from trainer.training_state import TrainingState


class TrainingRecord(NamedTuple):
    """What a call of `train` did; `losses` are the last ones of it."""

    steps: int
    seconds: float
    losses: dict[str, float]


def train(
    hyperparameters: HyperParameters,
    state: TrainingState,
    dataset: tf.data.Dataset,
    checkpoint_dir: str,
    run_dir: str,
) -> TrainingRecord:
    """Trains `state` up to `hyperparameters.steps`, going on from a checkpoint if the folder has one.

    `dataset` gives endless batches {CLIP: float32 [B, T, S, S, 3] in [-1, 1], CATEGORY: int64 [B]}. TensorBoard scalars
    go to `run_dir`, sample grids to `run_dir/samples`. Raises ValueError for a checkpoint of other networks and for a
    data set that ends, TrainingDiverged when a loss is not finite.
    """
    checkpoints = Checkpoints(state, checkpoint_dir)
    first = checkpoints.restore()
    train_step = TrainStep(hyperparameters, state, compute_dtype(hyperparameters.mixed_precision))
    num_frames = dataset.element_spec[CLIP].shape[1]
    logbook = Logbook(hyperparameters, state, checkpoints, num_frames, run_dir)
    numbers = range(first, hyperparameters.steps)
    done, start = 0, time.monotonic()
    with progress("MoCoGanTrainer", len(numbers), "steps") as bar:
        for number, batch in zip(numbers, dataset, strict=False):
            losses = train_step(batch[CLIP], batch[CATEGORY], number)
            done += 1
            logbook.after_step(number + 1, losses)
            bar.advance(1, **logbook.figures)
    if done < len(numbers):
        raise ValueError(f"the data set ended after {done} batches: let it repeat")
    return TrainingRecord(done, time.monotonic() - start, logbook.losses)
