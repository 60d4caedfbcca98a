"""A SavedModel that is made in a moment, with a description."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from mocogan.trainer.contract import MODEL_DESCRIPTION_FILE
from tests.support.model_description import DESCRIPTION


class Constant(tf.Module):
    """A model with one variable, whose clips all have the value of the variable."""

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = tf.Variable(tf.fill([16], float(value)), name="value")

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.int32, "num_clips"),
            tf.TensorSpec([], tf.int64, "seed"),
        ],
        autograph=False,
    )
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        del seed
        shape = tf.stack([num_clips, 4, 8, 8, 3])
        return {"clips": tf.fill(shape, tf.cast(self.value[0], tf.uint8))}


def save_constant(folder: Path, value: int) -> str:
    """Saves the model with the signature that every model has, as a trainer's artifact. Returns the SavedModel."""
    model, serving = Constant(value), folder / "Format-Serving"
    tf.saved_model.save(model, str(serving), signatures={"serving_default": model.sample})
    description = serving / MODEL_DESCRIPTION_FILE
    description.parent.mkdir()
    description.write_text(DESCRIPTION.model_dump_json(indent=2), encoding="utf-8")
    return str(serving)
