"""Starting a training from an exported model."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.state import TrainingState


def warm_start(state: TrainingState, saved_model: str) -> None:
    """Sets the generator and its average to those of an exported SavedModel, by the variables' names.

    Raises ValueError when it was not exported from networks of the same names and shapes.
    """
    saved = dict(getattr(tf.saved_model.load(saved_model), "generator_weights", {}))
    own = named_variables(state.generator)
    fitting = {name for name in own if name in saved and saved[name].shape == own[name].shape}
    if unfit := sorted((own.keys() | saved.keys()) - fitting):
        raise ValueError(
            f"the base model {saved_model} has other networks than these options give: "
            "use the same architecture, width, dimensions, classes and clip size "
            f"({len(unfit)} variables differ, {unfit[0]} among them)"
        )
    for generator in (state.generator, state.ema_generator):
        for name, variable in named_variables(generator).items():
            variable.assign(saved[name])
