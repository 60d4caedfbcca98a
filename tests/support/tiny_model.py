"""Exported models of 4 frames of 8x8, as a training exports them."""

from __future__ import annotations

import functools
import shutil

import tensorflow as tf

from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.state import TrainingState
from tests.support.kept_folder import kept_folder
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny


def export_tiny(folder: str, labels: tuple[str, ...], frame_rate: float | None = 12.5) -> str:
    """Writes an untrained model with these classes, whose clips differ. Returns the folder."""
    shutil.copytree(_exported(labels, frame_rate), folder)
    return folder


@functools.cache
def _exported(labels: tuple[str, ...], frame_rate: float | None) -> str:
    """Exports the model once in this process."""
    folder = kept_folder()
    state = TrainingState(tiny(), DESCRIPTION.clip_shape, len(labels))
    for number, variable in enumerate(state.ema_generator.variables):
        noisy = variable + 0.3 * tf.random.stateless_normal(variable.shape, [number, 1])
        variable.assign(tf.abs(noisy) if "variance" in variable.name else noisy)
    description = DESCRIPTION.model_copy(update={"labels": labels, "frame_rate": frame_rate})
    export(Sampler(state, labels), description, folder)
    return folder
