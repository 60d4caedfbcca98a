from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

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
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must be 0 to 4096, got -1"):
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
    wanted = rf"category must be -1 to {num_categories - 1} \(-1: any class\), got.*{category}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"(?s){wanted}"):
        sample_controlled(sampler, 1, 1, category)


def test_without_classes_any_is_the_only_one(clip_shape: ClipShape) -> None:
    sampler = Sampler(TrainingState(tiny(), clip_shape, 0))
    np.testing.assert_array_equal(sample_controlled(sampler, 4, 4), sample(sampler, 9, seed=4))


ANY = tf.constant([-1, -1, -1], tf.int64)
THREE_SEEDS = tf.constant([3, 2**40, -1], tf.int64)


def test_each_seed_has_its_own_clip(sampler: Sampler) -> None:
    clips = sampler.sample_each(THREE_SEEDS, ANY)["clips"]
    for number, seed in enumerate(THREE_SEEDS.numpy()):
        np.testing.assert_array_equal(clips[number], sample(sampler, 1, seed)[0])


def test_rows_have_classes_and_labels_of_their_own(new_state: NewState) -> None:
    sampler = Sampler(new_state(), ["walk", "run"])
    seeds = tf.constant([3, 3, 3], tf.int64)
    clips = sampler.sample_each(seeds, tf.constant([0, 1, -1], tf.int64))["clips"]
    run, walk, any_class = clips.numpy()
    assert (run != walk).any()
    by_label = sampler.sample_label(seeds, tf.constant(["run", "walk", ""]))["clips"]
    np.testing.assert_array_equal(by_label, [run, walk, any_class])
    trained = Sampler(new_state()).sample_each(seeds, tf.constant([1, 0, -1], tf.int64))["clips"]
    np.testing.assert_array_equal(trained, by_label)


def test_a_png_shows_the_frames_side_by_side(sampler: Sampler) -> None:
    strips = sampler.sample_png(THREE_SEEDS, ANY)["strips_bytes"].numpy()
    for strip, clip in zip(strips, sampler.sample_each(THREE_SEEDS, ANY)["clips"], strict=True):
        picture = np.asarray(Image.open(io.BytesIO(strip)))
        np.testing.assert_array_equal(picture, np.concatenate(list(clip), axis=1))


def rendered(sampler: Sampler, num_frames: int) -> np.ndarray:
    latents = sampler.latents(THREE_SEEDS, ANY, tf.constant(num_frames))
    return sampler.render(**latents)["clips"].numpy()


@pytest.mark.parametrize("architecture", ["mocogan", "moving_parts", "palette", "seed"])
def test_a_longer_clip_begins_with_the_shorter_one(
    clip_shape: ClipShape, architecture: str
) -> None:
    num_categories = 0 if architecture == "seed" else 2
    sampler = Sampler(TrainingState(tiny(architecture=architecture), clip_shape, num_categories))
    clips = sampler.sample_each(THREE_SEEDS, ANY)["clips"].numpy()
    for num_frames in (1, 4, 11):
        longer = rendered(sampler, num_frames)
        assert longer.shape == (3, num_frames, 8, 8, 3)
        shared = min(4, num_frames)
        np.testing.assert_array_equal(longer[:, :shared], clips[:, :shared])


@pytest.mark.parametrize("architecture", ["mocogan", "moving_parts", "palette", "seed"])
def test_one_clip_is_rendered_without_a_loop(clip_shape: ClipShape, architecture: str) -> None:
    num_categories = 0 if architecture == "seed" else 2
    sampler = Sampler(TrainingState(tiny(architecture=architecture), clip_shape, num_categories))
    latents = sampler.latents(THREE_SEEDS[:1], ANY[:1], tf.constant(4))
    plain = sampler.render_one(**latents)["clips"].numpy().astype(int)
    assert np.abs(plain - sampler.render(**latents)["clips"].numpy()).max() <= 1
    operations = {
        node.op
        for graph in (sampler.render_one.get_concrete_function().graph.as_graph_def(),)
        for node in [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    }
    assert not {name for name in operations if "While" in name or "TensorList" in name}


def test_latents_know_the_class_that_was_drawn(new_state: NewState) -> None:
    sampler = Sampler(new_state(), ["walk", "run"])
    drawn = sampler.latents(THREE_SEEDS, ANY, tf.constant(4))["category"]
    np.testing.assert_array_equal(
        sampler.sample_each(THREE_SEEDS, drawn)["clips"],
        sampler.sample_each(THREE_SEEDS, ANY)["clips"],
    )


def test_a_fast_precision_gives_similar_clips(state: TrainingState, sampler: Sampler) -> None:
    fast = sample(Sampler(state, dtype=tf.bfloat16), 4).astype(int)
    assert 0 < np.abs(fast - sample(sampler, 4)).mean() < 4


def test_other_formats_get_float32(state: TrainingState, sampler: Sampler) -> None:
    fast = Sampler(state, dtype=tf.bfloat16)
    latents = sampler.latents(THREE_SEEDS[:1], ANY[:1], tf.constant(4))
    np.testing.assert_array_equal(
        fast.render_one(**latents)["clips"], sampler.render_one(**latents)["clips"]
    )


@pytest.mark.parametrize("count", [4097, 10**9])
def test_too_many_clips_are_refused_before_memory_is_taken(sampler: Sampler, count: int) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"must be 0 to 4096, got {count}"):
        sample(sampler, count)


def test_too_many_rows_or_frames_are_refused(sampler: Sampler) -> None:
    rows = tf.zeros([4097], tf.int64)
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be 0 to 4096, got 4097"):
        sampler.sample_each(rows, rows)
    for num_frames in (0, 4096 * 4 // 3 + 1, 2**31 - 1):
        wanted = f"num_frames of so many clips must be 1 to 5461, got {num_frames}"
        with pytest.raises(tf.errors.InvalidArgumentError, match=wanted):
            sampler.latents(THREE_SEEDS, ANY, tf.constant(num_frames))


def test_a_class_cannot_be_random_where_nothing_is_drawn(sampler: Sampler) -> None:
    latents = sampler.latents(THREE_SEEDS, ANY, tf.constant(4))
    with pytest.raises(tf.errors.InvalidArgumentError, match="category must be 0 to 1"):
        sampler.render(**{**latents, "category": ANY})
