from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from trainer.checkpoints import Checkpoints
from trainer.hyperparameters import HyperParameters
from trainer.training_state import TrainingState

ClipShape = tuple[int, int, int, int]


def test_everything_comes_back(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape
) -> None:
    saved = TrainingState(tiny(seed=1), clip_shape, 2)
    for number, variable in enumerate(saved.variables):
        variable.assign(np.full(variable.shape, number, variable.dtype.as_numpy_dtype))
    saved.step.assign(7)
    Checkpoints(saved, str(tmp_path / "here")).save()
    (tmp_path / "here").rename(tmp_path / "moved")

    restored = TrainingState(tiny(seed=2), clip_shape, 2)
    assert Checkpoints(restored, str(tmp_path / "moved")).restore() == 7
    for left, right in zip(saved.variables, restored.variables, strict=True):
        np.testing.assert_array_equal(left, right)


def test_without_a_checkpoint_nothing_changes(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape
) -> None:
    state = TrainingState(tiny(), clip_shape, 0)
    before = [variable.numpy() for variable in state.variables]
    assert Checkpoints(state, str(tmp_path / "none")).restore() == 0
    for value, variable in zip(before, state.variables, strict=True):
        np.testing.assert_array_equal(value, variable)


def test_the_last_three_are_kept(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape
) -> None:
    state = TrainingState(tiny(), clip_shape, 0)
    checkpoints = Checkpoints(state, str(tmp_path))
    for step in range(1, 6):
        state.step.assign(step)
        checkpoints.save()
    names = {path.stem for path in tmp_path.glob("*.index")}
    assert names == {"ckpt-3", "ckpt-4", "ckpt-5"}


@pytest.mark.parametrize(
    ("changes", "num_categories"),
    [
        ({"width": 8}, 2),
        ({"dim_motion": 4}, 2),
        ({}, 3),
        ({}, 0),
        ({"discriminator_norm": "batch"}, 2),
        ({"architecture": "seed"}, 0),
    ],
    ids=str,
)
def test_other_networks_are_refused(
    tmp_path: Path,
    tiny: Callable[..., HyperParameters],
    clip_shape: ClipShape,
    changes: dict[str, object],
    num_categories: int,
) -> None:
    Checkpoints(TrainingState(tiny(), clip_shape, 2), str(tmp_path)).save()
    other = TrainingState(tiny(**changes), clip_shape, num_categories)
    with pytest.raises(ValueError, match=r"ckpt-0 holds other networks .* use another folder"):
        Checkpoints(other, str(tmp_path)).restore()


def test_a_checkpoint_of_something_else_is_refused(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape
) -> None:
    foreign = tf.train.Checkpoint(state=tf.Module())
    tf.train.CheckpointManager(foreign, str(tmp_path), max_to_keep=1).save()
    with pytest.raises(ValueError, match="other networks"):
        Checkpoints(TrainingState(tiny(), clip_shape, 0), str(tmp_path)).restore()
