"""The weights before the first step of a training that starts from a model, and the record of what was taken."""

from __future__ import annotations

import os
from collections.abc import Sequence

import tensorflow as tf

from mocogan.data import atomic
from mocogan.trainer.checkpoints.begun import has_begun
from mocogan.trainer.contract import Base, WarmStart
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.export.warm_start import warm_start
from mocogan.trainer.runtime.notices import notify
from mocogan.trainer.state import TrainingState

_RECORD = "warm_start.json"  # in the folder of the training's checkpoints
_SHOWN = 5  # variables in the log


def first_weights(
    state: TrainingState,
    base: Base,
    saved_model: str | None,
    checkpoint_dir: str,
    labels: Sequence[str],
) -> WarmStart:
    """Gives a new training the weights of a model. A training that has a checkpoint keeps what it has.

    The record of what was taken lies beside the checkpoints, so a resumed training still has it. The model itself is
    then not needed any more.

    Args:
        state: State before the first step.
        base: What is recorded about the model.
        saved_model: Folder of the SavedModel. None: it is gone.
        checkpoint_dir: Folder for the checkpoints of this training.
        labels: Label of each class, in the order of the training's ids.

    Returns:
        What was taken, and what was not.

    Raises:
        ValueError: Nothing fits, or the model is gone before the training has begun.
        NotWritten: The record cannot be written.
        tf.errors.OpError: A file cannot be read.
    """
    record = f"{checkpoint_dir}/{_RECORD}"
    if has_begun(checkpoint_dir) and tf.io.gfile.exists(record):
        with tf.io.gfile.GFile(record) as file:
            return WarmStart.model_validate_json(file.read())
    if not saved_model:
        raise ValueError(
            f"the model {base.model_sha256}, from which the training starts, is gone, and there is no checkpoint in "
            f"{checkpoint_dir}. Run again, or set trainer.run.warm_start to another model"
        )
    taken = warm_start(state, saved_model, base, labels)
    _say(taken)
    if state.distribution.chief:
        _write(record, taken)
    return taken


def _write(record: str, taken: WarmStart) -> None:
    try:
        tf.io.gfile.makedirs(os.path.dirname(record))
        atomic.write_file(record, taken.model_dump_json(indent=2).encode())
    except (OSError, tf.errors.OpError) as error:
        raise NotWritten(f"cannot write {record}: {error}") from error


def _say(taken: WarmStart) -> None:
    notify(f"starting from {taken.text()}. Discriminators, optimizers and schedule start anew")
    for what, names in (("start anew", taken.anew), ("are not used", taken.unused)):
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            notify(f"warning: {len(names)} variables {what}: {'; '.join(names[:_SHOWN])}{more}")
