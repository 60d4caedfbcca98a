"""SavedModels of tiny networks, as if trained."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.state import TrainingState
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny

# What a palette model may have, so that conversions see all of its operations.
_ADDITIONS = {
    "num_palette_colors": 2,
    "film_layers": 1,
    "coord_planes": True,
    "full_resolution_layer": True,
}


def export_tiny(architecture: str, folder: str) -> None:
    """Exports a model with the clips and labels of DESCRIPTION. Architecture `seed` has no classes."""
    labels = () if architecture == "seed" else DESCRIPTION.labels
    additions = _ADDITIONS if architecture == "palette" else {}
    config = tiny(architecture=architecture, **additions)
    state = TrainingState(config, DESCRIPTION.clip_shape, len(labels))
    for number, variable in enumerate(state.ema_generator.variables):
        noisy = variable + 0.3 * tf.random.stateless_normal(variable.shape, [number, 1])
        variable.assign(tf.abs(noisy) if "variance" in variable.name else noisy)
    description = DESCRIPTION.model_copy(update={"labels": labels})
    export(Sampler(state, labels), description, folder)
