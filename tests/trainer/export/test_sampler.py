from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
NewState = Callable[[], TrainingState]


def sample(sampler: Sampler, num_clips: int, seed: int = 3) -> np.ndarray:
    clips = sampler.sample(tf.constant(num_clips), tf.constant(seed, tf.int64))["clips"]
    return clips.numpy()


@pytest.mark.parametrize("num_clips", [0, 1, 8, 9])
def test_as_many_clips_as_asked_for(sampler: Sampler, num_clips: int) -> None:
    clips = sample(sampler, num_clips)
    assert clips.shape == (num_clips, 4, 8, 8, 3)
    assert clips.dtype == np.uint8


def test_a_clip_is_the_same_however_many_are_made(sampler: Sampler) -> None:
    many = sample(sampler, 20)
    for num_clips in (1, 8, 17):
        np.testing.assert_array_equal(sample(sampler, num_clips), many[:num_clips])
    assert len({clip.tobytes() for clip in many}) == 20


def test_other_seeds_give_other_clips(sampler: Sampler) -> None:
    clips = {sample(sampler, 1, seed).tobytes() for seed in (0, 1, 2**32, -1, 2**63 - 1)}
    assert len(clips) == 5


def test_a_negative_number_is_refused(sampler: Sampler) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must not be negative"):
        sample(sampler, -1)


def test_clips_come_from_the_average(new_state: NewState) -> None:
    state = new_state()
    sampler = Sampler(state)
    before = sample(sampler, 2)
    for variable in state.generator.variables:
        variable.assign(tf.zeros_like(variable))
    np.testing.assert_array_equal(sample(sampler, 2), before)
    for variable in state.ema_generator.variables:
        variable.assign(tf.zeros_like(variable))
    assert set(sample(sampler, 2).ravel().tolist()) == {128}  # tanh(0) = 0, the middle gray


def test_classes_are_drawn_as_often_as_they_were_seen(new_state: NewState) -> None:
    state = new_state()
    sampler = Sampler(state)
    made = {}
    for counts in ([0, 0], [10**9, 0], [0, 10**9]):
        state.class_counts.assign(counts)
        made[tuple(counts)] = sample(sampler, 16)
    evenly, first, second = made.values()
    is_first = [(evenly[n] == first[n]).all() for n in range(16)]
    is_second = [(evenly[n] == second[n]).all() for n in range(16)]
    assert 0 < sum(is_first) < 16
    assert [not it for it in is_first] == is_second


def test_without_classes_and_with_the_seeds_networks(clip_shape: ClipShape) -> None:
    config = tiny(architecture="seed")
    state = TrainingState(config, clip_shape, 0)
    clips = sample(Sampler(state), 2)
    assert clips.shape == (2, 4, 8, 8, 3)
    assert (clips[0] != clips[1]).any()


def sample_controlled(
    sampler: Sampler, content_seed: int, motion_seed: int, category: int = -1
) -> np.ndarray:
    numbers = (content_seed, motion_seed, category)
    seeds = [tf.constant(number, tf.int64) for number in numbers]
    return sampler.sample_controlled(tf.constant(9), *seeds)["clips"].numpy()


def test_a_wanted_class_is_all_that_changes(new_state: NewState) -> None:
    state = new_state()
    sampler = Sampler(state)
    drawn = sample(sampler, 9, seed=5)
    first, second, any_of_them = (
        sampler.sample_category(tf.constant(9), tf.constant(5, tf.int64), tf.constant(n, tf.int64))
        for n in (0, 1, -1)
    )
    np.testing.assert_array_equal(any_of_them["clips"], drawn)
    for number in range(9):
        class_clips = {
            first["clips"][number].numpy().tobytes(),
            second["clips"][number].numpy().tobytes(),
        }
        assert len(class_clips) == 2
        assert drawn[number].tobytes() in class_clips
    state.class_counts.assign([0, 10**9])
    np.testing.assert_array_equal(second["clips"], sample(sampler, 9, seed=5))


def test_equal_seeds_of_content_and_motion_are_one_seed(sampler: Sampler) -> None:
    np.testing.assert_array_equal(sample_controlled(sampler, 5, 5), sample(sampler, 9, seed=5))


def test_content_and_motion_come_from_their_own_seeds(new_state: NewState) -> None:
    state = new_state()
    sampler = Sampler(state)
    clips = sample_controlled(sampler, 1, 2)
    for other in ((3, 2), (1, 3)):
        assert (sample_controlled(sampler, *other) != clips).any(axis=(1, 2, 3, 4)).all()
    # Without the weights of z_content, a frame is its motion alone, and the other way round.
    weights = state.ema_generator.frames.project.kernel
    kept = weights.numpy()
    dim_z_content = tiny().model.dim_z_content
    weights.assign(np.concatenate([0 * kept[:dim_z_content], kept[dim_z_content:]]))
    np.testing.assert_array_equal(
        sample_controlled(sampler, 1, 2), sample_controlled(sampler, 3, 2)
    )
    weights.assign(np.concatenate([kept[:dim_z_content], 0 * kept[dim_z_content:]]))
    still = sample_controlled(sampler, 1, 2)
    np.testing.assert_array_equal(still, sample_controlled(sampler, 1, 3))
    np.testing.assert_array_equal(still[:, 0], still[:, 3])


@pytest.mark.parametrize(("num_categories", "category"), [(2, 2), (2, -2), (0, 0)])
def test_a_class_that_was_not_taught_is_refused(
    clip_shape: ClipShape,
    num_categories: int,
    category: int,
) -> None:
    sampler = Sampler(TrainingState(tiny(), clip_shape, num_categories))
    wanted = rf"category must be -1 \(any\) to {num_categories - 1}, got.*{category}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"(?s){wanted}"):
        sample_controlled(sampler, 1, 1, category)


def test_without_classes_any_is_the_only_one(clip_shape: ClipShape) -> None:
    sampler = Sampler(TrainingState(tiny(), clip_shape, 0))
    np.testing.assert_array_equal(sample_controlled(sampler, 4, 4), sample(sampler, 9, seed=4))
