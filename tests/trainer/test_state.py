from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.state import TrainingState, update_average
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]


def values(module: tf.Module) -> list[np.ndarray]:
    return [variable.numpy() for variable in module.variables]


def test_a_seed_determines_the_first_weights(clip_shape: ClipShape) -> None:
    one, same, other = (TrainingState(tiny(seed=s), clip_shape, 2) for s in (3, 3, 4))
    for left, right in zip(values(one), values(same), strict=True):
        np.testing.assert_array_equal(left, right)
    for part in ("generator", "image_discriminator", "video_discriminator"):
        pairs = zip(values(getattr(one, part)), values(getattr(other, part)), strict=True)
        assert any((left != right).any() for left, right in pairs)


@pytest.mark.parametrize("architecture", ["palette", "mocogan", "seed"])
def test_the_average_starts_as_a_copy_of_the_generator(
    clip_shape: ClipShape, architecture: str
) -> None:
    state = TrainingState(tiny(architecture=architecture), clip_shape, 2)
    pairs = zip(values(state.ema_generator), values(state.generator), strict=True)
    for average, current in pairs:
        np.testing.assert_array_equal(average, current)
    state.generator.variables[0].assign_add(tf.ones_like(state.generator.variables[0]))
    assert (state.ema_generator.variables[0].numpy() != state.generator.variables[0].numpy()).all()


@pytest.mark.parametrize("architecture", ["palette", "mocogan", "seed"])
def test_each_variable_is_moved_by_one_side(clip_shape: ClipShape, architecture: str) -> None:
    state = TrainingState(tiny(architecture=architecture), clip_shape, 0)
    sides = (
        state.generator_variables,
        state.discriminator_variables,
        state.ema_generator.trainable_variables,
    )
    refs = [{variable.ref() for variable in side} for side in sides]
    assert all(refs)
    assert sum(map(len, refs)) == len(set.union(*refs)) == len(state.trainable_variables)
    assert (state.image_discriminator is None) == (architecture == "seed")


@pytest.mark.parametrize("shape", [(4, 8, 16, 3), (4, 8, 8, 1), (8, 8, 3)], ids=str)
def test_clips_that_are_not_square_and_rgb_are_refused(shape: ClipShape) -> None:
    with pytest.raises(ValueError, match=r"square and RGB.*got \("):
        TrainingState(tiny(), shape, 0)


def test_a_size_the_networks_cannot_make_is_refused() -> None:
    with pytest.raises(ValueError, match="got 24"):
        TrainingState(tiny(), (4, 24, 24, 3), 0)


def test_more_frames_than_a_clip_has_are_refused(clip_shape: ClipShape) -> None:
    TrainingState(tiny(architecture="palette", image_frames=4), clip_shape, 0)
    with pytest.raises(ValueError, match="image_frames=5 is more than the 4 frames of a clip"):
        TrainingState(tiny(architecture="palette", image_frames=5), clip_shape, 0)


def test_update_average_by_hand() -> None:
    average = [tf.Variable([1.0]), tf.Variable([10.0], trainable=False)]
    current = [tf.Variable([2.0]), tf.Variable([0.0], trainable=False)]
    update_average(average, current, 0.75)
    assert [variable.numpy().tolist() for variable in average] == [[1.25], [7.5]]
    assert [variable.numpy().tolist() for variable in current] == [[2.0], [0.0]]
    update_average(average, current, tf.constant(0.0))
    assert average[1].numpy().tolist() == [0.0]
