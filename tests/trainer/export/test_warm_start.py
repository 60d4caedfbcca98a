from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.export.warm_start import warm_start
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]


def test_a_saved_model_shows_its_weights_by_name(exported: str, state: TrainingState) -> None:
    weights = tf.saved_model.load(exported).generator_weights
    kernel = state.ema_generator.frames.upsamplings[0].kernel
    np.testing.assert_array_equal(weights["frames/upsamplings/0/kernel"], kernel)
    assert len(weights) == len(state.ema_generator.variables)


def test_warm_start_begins_with_the_exported_weights(
    state: TrainingState,
    exported: str,
    clip_shape: ClipShape,
) -> None:
    fresh = TrainingState(tiny(seed=2), clip_shape, 2)
    warm_start(fresh, exported)
    for wanted, current, average in zip(
        state.ema_generator.variables,
        fresh.generator.variables,
        fresh.ema_generator.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(current, wanted)
        np.testing.assert_array_equal(average, wanted)
    assert fresh.step.numpy() == 0


@pytest.mark.parametrize(
    ("changes", "shape", "num_categories"),
    [
        ({"base_channels": 8}, (4, 8, 8, 3), 2),
        ({}, (4, 8, 8, 3), 0),
        ({"architecture": "palette"}, (4, 8, 8, 3), 2),
        ({}, (4, 16, 16, 3), 2),
        ({"architecture": "seed"}, (4, 8, 8, 3), 0),
    ],
    ids=str,
)
def test_warm_start_refuses_other_networks(
    exported: str,
    changes: dict[str, object],
    shape: ClipShape,
    num_categories: int,
) -> None:
    state = TrainingState(tiny(**changes), shape, num_categories)
    before = [variable.numpy() for variable in state.variables]
    with pytest.raises(
        ValueError, match=r"do not match the configuration: use the same architecture"
    ):
        warm_start(state, exported)
    for variable, value in zip(state.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_warm_start_refuses_another_kind_of_model(tmp_path: Path, clip_shape: ClipShape) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ValueError, match="do not match the configuration"):
        warm_start(TrainingState(tiny(), clip_shape, 2), str(tmp_path))
