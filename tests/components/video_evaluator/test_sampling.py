"""A SavedModel through its signature."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.components.video_evaluator.sampling import (
    CLIPS_PER_CALL,
    ClipModel,
    OutputContractError,
)

SHAPE = (4, 16, 16, 3)


def test_samples_are_the_models_clips_and_a_function_of_the_seed(models: dict[str, str]) -> None:
    model = ClipModel(models["squares"])
    clips = model.sample(5, SHAPE, seed=3)
    assert clips.shape == (5, *SHAPE)
    assert clips.dtype == np.uint8
    assert len(np.unique(clips.reshape(5, -1), axis=0)) == 5
    np.testing.assert_array_equal(clips, ClipModel(models["squares"]).sample(5, SHAPE, seed=3))
    assert not np.array_equal(clips, model.sample(5, SHAPE, seed=4))


def test_large_samples_take_the_next_seed_for_each_call(models: dict[str, str]) -> None:
    model = ClipModel(models["squares"])
    clips = model.sample(CLIPS_PER_CALL + 2, SHAPE, seed=7)
    assert clips.shape == (CLIPS_PER_CALL + 2, *SHAPE)
    np.testing.assert_array_equal(clips[CLIPS_PER_CALL:], model.sample(2, SHAPE, seed=8))


def test_repeats_tells_a_model_that_ignores_its_seed(models: dict[str, str]) -> None:
    for name, repeats in [("squares", True), ("forgetful", False)]:
        model = ClipModel(models[name])
        assert model.repeats(model.sample(20, SHAPE, seed=0), seed=0) is repeats


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("foreign", "must take num_clips int32 and seed int64"),
        ("unsigned", "has no signature 'serving_default'"),
        (
            "floats",
            r"must return clips \(2, 4, 16, 16, 3\) uint8, "
            r"but it returned \(2, 4, 16, 16, 3\) float32",
        ),
        ("longer", r"returned \(2, 5, 16, 16, 3\) uint8"),
    ],
)
def test_a_broken_contract_is_named(models: dict[str, str], name: str, message: str) -> None:
    with pytest.raises(OutputContractError, match=message):
        ClipModel(models[name]).sample(2, SHAPE, seed=0)
