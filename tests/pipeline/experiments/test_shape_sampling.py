from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mocogan.pipeline.experiments.shape_sampling import (
    sample_categories,
    sample_clips,
    sample_triples,
)
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.state import TrainingState
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Any]:
    """Untrained models of 2 and of 0 classes."""
    models = {}
    for num_categories in (2, 0):
        state = TrainingState(tiny(), (4, 8, 8, 3), num_categories)
        folder = str(tmp_path_factory.mktemp("model") / "saved")
        export(Sampler(state), DESCRIPTION, folder)
        models[num_categories] = tf.saved_model.load(folder)
    return models


def test_clips_of_any_class(models: dict[int, Any]) -> None:
    clips = sample_clips(models[2], 3, seed=7)
    assert (clips.shape, clips.dtype) == ((3, 4, 8, 8, 3), np.uint8)
    assert (clips != sample_clips(models[2], 3, seed=8)).any()


def test_clips_of_each_class(models: dict[int, Any]) -> None:
    asked = sample_categories(models[2], 2, num_clips=3, seed=7)
    assert asked.categories.tolist() == [0, 0, 0, 1, 1, 1]
    second = models[2].signatures["sample_category"](
        num_clips=tf.constant(3), seed=tf.constant(8, tf.int64), category=tf.constant(1, tf.int64)
    )
    np.testing.assert_array_equal(asked.clips[3:], second["clips"])


@pytest.mark.parametrize("num_categories", [2, 0])
def test_triples_share_content_or_motion(models: dict[int, Any], num_categories: int) -> None:
    triples = sample_triples(models[num_categories], num_categories, num_clips=2, seed=5)
    count = 2 * max(1, num_categories)
    assert [clips.shape for clips in triples] == [(count, 4, 8, 8, 3)] * 3
    seed, category = (7, 1) if num_categories else (3, -1)  # of the last two
    for clips, content, motion in zip(
        triples, (seed, seed, seed + 1), (seed, seed + 1, seed), strict=True
    ):
        wanted = models[num_categories].signatures["sample_controlled"](
            num_clips=tf.constant(2),
            content_seed=tf.constant(content, tf.int64),
            motion_seed=tf.constant(motion, tf.int64),
            category=tf.constant(category, tf.int64),
        )
        np.testing.assert_array_equal(clips[-2:], wanted["clips"])
