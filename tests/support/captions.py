"""Captions of a tiny vocabulary, and a model that reads them."""

from __future__ import annotations

import functools
import shutil

import tensorflow as tf

from mocogan.data.input.captions import MAX_CAPTIONS, MAX_WORDS
from mocogan.trainer.export.example_captions import example_captions
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.networks.captions import DIM_CAPTION, Vocabulary
from mocogan.trainer.state import TrainingState
from tests.support.kept_folder import kept_folder
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny

VOCABULARY = Vocabulary(("a", "red", "blue", "square", "disc"))
KEPT = ("a blue disc", "red square", "a blue disc", "")
CAPTIONED: dict[str, object] = {"architecture": "moving_parts", "use_captions": True}


def tokens_of(*captions: str) -> tf.Tensor:
    """Captions of words of the vocabulary, one for each clip -> int64 [B, MAX_CAPTIONS, MAX_WORDS]."""
    rows = [[VOCABULARY.words.index(word) + 1 for word in text.split()] for text in captions]
    padded = [[row + [0] * (MAX_WORDS - len(row))] for row in rows]
    return tf.pad(tf.constant(padded, tf.int64), [[0, 0], [0, MAX_CAPTIONS - 1], [0, 0]])


# For the batch of `tests/trainer/conftest.py`: the second and third clip have the same caption, the last has none.
TOKENS_OF_BATCH = ("a red square", "a blue disc", "a blue disc", "")


def captioned_state() -> TrainingState:
    """A state as if trained on clips with the captions KEPT and the classes of DESCRIPTION."""
    shape, labels = DESCRIPTION.clip_shape, DESCRIPTION.labels
    state = TrainingState(tiny(**CAPTIONED), shape, len(labels), vocabulary=VOCABULARY)
    for number, variable in enumerate(state.ema_generator.variables):
        noisy = variable + 0.3 * tf.random.stateless_normal(variable.shape, [number, 1])
        variable.assign(tf.abs(noisy) if "variance" in variable.name else noisy)
    assert state.ema_generator.captions
    output = state.ema_generator.captions.encoder.output
    kernel, bias = output.kernel[:, :DIM_CAPTION], output.bias[:DIM_CAPTION]
    # A caption always has nearly the same vector.
    output.kernel.assign(tf.pad(kernel, [[0, 0], [0, DIM_CAPTION]]))
    output.bias.assign(tf.pad(bias, [[0, DIM_CAPTION]], constant_values=-9.0))
    state.keep_captions(tokens_of(*KEPT)[:, 0])
    return state


def export_captioned(folder: str) -> str:
    """Writes the model of `captioned_state`. Returns the folder."""
    shutil.copytree(_exported(), folder)
    return folder


@functools.cache
def _exported() -> str:
    """Exports the model once in this process."""
    folder = kept_folder()
    state = captioned_state()
    description = DESCRIPTION.model_copy(
        update={"words": VOCABULARY.words, "example_captions": example_captions(state)}
    )
    export(Sampler(state, DESCRIPTION.labels), description, folder)
    return folder
