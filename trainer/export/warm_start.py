"""Starts a training from the weights of an exported model."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import read_model_description
from mocogan.trainer.state import TrainingState


def warm_start(state: TrainingState, saved_model: str) -> None:
    """Copies the weights of an exported SavedModel to the generator and the EMA generator, matched by name.

    Raises ValueError if the names or shapes of the variables differ, or the words of the captions.
    """
    saved = dict(getattr(tf.saved_model.load(saved_model), "generator_weights", {}))
    own = named_variables(state.generator)
    fitting = {name for name in own if name in saved and saved[name].shape == own[name].shape}
    if unfit := sorted((own.keys() | saved.keys()) - fitting):
        raise ValueError(
            f"the networks of the base model {saved_model} do not match the configuration: "
            "use the same architecture, base_channels, latent dimensions, classes and clip size "
            f"({len(unfit)} variables differ, for example {unfit[0]})"
        )
    if state.vocabulary:
        description = read_model_description(saved_model)
        if description is None or description.words != state.vocabulary.words:
            raise ValueError(
                f"the base model {saved_model} was trained with captions of other words: train without a base model"
            )
    for generator in (state.generator, state.ema_generator):
        for name, variable in named_variables(generator).items():
            variable.assign(saved[name])
