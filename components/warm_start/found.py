"""What consumers read from the output of WarmStartFinder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.model_pusher.record import DESTINATION_KEY, MODEL_KEY
from mocogan.trainer.contract import Base

if TYPE_CHECKING:
    from tfx import types

STATE_KEY = "warm_start"  # custom property of the output
FOUND = "found"
NOT_FOUND = "none"  # the training starts anew
GONE = "gone"  # the training can resume from its checkpoint only


def has_model(artifact: types.Artifact) -> bool:
    """Whether there is a SavedModel. Kubeflow and Vertex need an artifact for each output, so it can be empty."""
    return artifact.get_string_custom_property(STATE_KEY) not in (NOT_FOUND, GONE)


def base_of(artifact: types.Artifact, saved_model: str) -> Base | None:
    """What the training records about the model to start from.

    Args:
        artifact: Output of WarmStartFinder, or any other Model.
        saved_model: Folder of its SavedModel, if it has one.

    Returns:
        The model. None: the training starts anew.

    Raises:
        ValueError: `saved_model` is not a valid SavedModel.
        tf.errors.OpError: A file is missing or cannot be read.
    """
    state = artifact.get_string_custom_property(STATE_KEY)
    if state == NOT_FOUND:
        return None
    if not state:
        return Base(model_sha256=model_sha256(saved_model), folder=saved_model)
    return Base(
        model_sha256=artifact.get_string_custom_property(MODEL_KEY),
        folder=artifact.get_string_custom_property(DESTINATION_KEY) or None,
    )
