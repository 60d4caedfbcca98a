"""The SavedModel that a training exports. Only TensorFlow is needed to load it."""

from __future__ import annotations

import posixpath

import tensorflow as tf

from mocogan.data import atomic
from mocogan.trainer.contract import (
    LATENTS,
    LATENTS_CAPTION,
    MODEL_DESCRIPTION_FILE,
    RENDER,
    SAMPLE_CAPTION,
    SAMPLE_CATEGORY,
    SAMPLE_CONTROLLED,
    SAMPLE_EACH,
    SAMPLE_LABEL,
    SAMPLE_PNG,
    ModelDescription,
)
from mocogan.trainer.export.sampler import Sampler


def export(sampler: Sampler, description: ModelDescription, folder: str) -> None:
    """Writes the SavedModel of the EMA generator. An existing folder is replaced only after the new one is complete.

    Its signatures are the functions of `Sampler` under their names, and `serving_default`, which is `Sampler.sample`.
    Those of captions are missing in a model without captions.

    Args:
        sampler: Sampler of the trained state.
        description: What users of the model need to know. Stored as MODEL_DESCRIPTION_FILE in the SavedModel.
        folder: Folder to write, local or an address such as `gs://bucket/name`.

    Raises:
        OSError: The folder cannot be written.
        tf.errors.OpError: TensorFlow cannot write to the folder.
    """
    signatures = {
        tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY: sampler.sample,
        SAMPLE_CATEGORY: sampler.sample_category,
        SAMPLE_CONTROLLED: sampler.sample_controlled,
        SAMPLE_EACH: sampler.sample_each,
        SAMPLE_LABEL: sampler.sample_label,
        SAMPLE_PNG: sampler.sample_png,
        LATENTS: sampler.latents,
        RENDER: sampler.render,
    }
    if sampler.has_captions:
        signatures[SAMPLE_CAPTION] = sampler.sample_caption
        signatures[LATENTS_CAPTION] = sampler.latents_caption
    with atomic.new_folder(folder) as aside:
        tf.saved_model.save(sampler, aside, signatures=signatures)
        path = f"{aside}/{MODEL_DESCRIPTION_FILE}"
        tf.io.gfile.makedirs(posixpath.dirname(path))
        with tf.io.gfile.GFile(path, "w") as file:
            file.write(description.model_dump_json(indent=2))
