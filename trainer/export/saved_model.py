"""The SavedModel that a training exports. It needs TensorFlow alone."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data import atomic
from mocogan.trainer.contract import SAMPLE_CATEGORY, SAMPLE_CONTROLLED
from mocogan.trainer.export.sampler import Sampler


def export(sampler: Sampler, folder: str) -> None:
    """Writes the SavedModel to `folder`, whole or not at all, in place of one that is there."""
    signatures = {
        tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY: sampler.sample,
        SAMPLE_CATEGORY: sampler.sample_category,
        SAMPLE_CONTROLLED: sampler.sample_controlled,
    }
    with atomic.new_folder(folder) as aside:
        tf.saved_model.save(sampler, aside, signatures=signatures)
