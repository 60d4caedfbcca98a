"""The SavedModel that a training exports. Only TensorFlow is needed to load it."""

from __future__ import annotations

import posixpath

import tensorflow as tf
from pydantic import ValidationError

from mocogan.data import atomic
from mocogan.trainer.contract import (
    MODEL_DESCRIPTION_FILE,
    SAMPLE_CATEGORY,
    SAMPLE_CONTROLLED,
    ModelDescription,
)
from mocogan.trainer.export.sampler import Sampler


def export(sampler: Sampler, description: ModelDescription, folder: str) -> None:
    """Writes the SavedModel of the EMA generator. An existing folder is replaced only after the new one is complete.

    Its signatures are `serving_default` (`Sampler.sample`), `sample_category` and `sample_controlled`.

    Args:
        sampler: Sampler of the trained state.
        description: What evaluations need to know. Stored as MODEL_DESCRIPTION_FILE in the SavedModel.
        folder: Folder to write, local or an address such as `gs://bucket/name`.

    Raises:
        OSError: The folder cannot be written.
        tf.errors.OpError: TensorFlow cannot write to the folder.
    """
    signatures = {
        tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY: sampler.sample,
        SAMPLE_CATEGORY: sampler.sample_category,
        SAMPLE_CONTROLLED: sampler.sample_controlled,
    }
    with atomic.new_folder(folder) as aside:
        tf.saved_model.save(sampler, aside, signatures=signatures)
        path = f"{aside}/{MODEL_DESCRIPTION_FILE}"
        tf.io.gfile.makedirs(posixpath.dirname(path))
        with tf.io.gfile.GFile(path, "w") as file:
            file.write(description.model_dump_json(indent=2))


def read_model_description(folder: str) -> ModelDescription | None:
    """Reads the description that `export` stored in a SavedModel.

    Args:
        folder: Folder of the SavedModel, local or an address such as `gs://bucket/name`.

    Returns:
        The description, or None for a SavedModel without one, which `export` did not write.

    Raises:
        ValueError: The description is not valid, or it has a format that this version does not know.
        tf.errors.OpError: The description exists, but TensorFlow cannot read it.
    """
    path = f"{folder}/{MODEL_DESCRIPTION_FILE}"
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        content = file.read()
    try:
        return ModelDescription.model_validate_json(content)
    except ValidationError as error:
        raise ValueError(f"{path} is not a valid model description: {error}") from error
