from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.generator import (
    Generator,
    Latents,
    Palette,
    Planes,
    build_generator,
    sample_latents,
)
from mocogan.trainer.runtime.randomness import RandomStream

NUM_FRAMES, NUM_CATEGORIES = 4, 2


@pytest.fixture(params=["mocogan", "seed"])
def architecture(request: pytest.FixtureRequest) -> str:
    return request.param


def latents_of(hyperparameters: HyperParameters, seed: int = 0) -> Latents:
    one_hot = tf.one_hot([0, 1, 1], NUM_CATEGORIES)
    return sample_latents(hyperparameters, NUM_FRAMES, one_hot, RandomStream(seed))


@pytest.fixture
def generator(architecture: str, tiny: Callable[..., HyperParameters]) -> Generator:
    hyperparameters = tiny(architecture=architecture)
    return build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))


@pytest.fixture
def latents(architecture: str, tiny: Callable[..., HyperParameters]) -> Latents:
    return latents_of(tiny(architecture=architecture))


def clips(generator: Generator, latents: Latents, **changes: tf.Tensor) -> np.ndarray:
    return generator(latents._replace(**changes), training=False).numpy()


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() > 1e-5)


def test_latents_are_normal_and_of_the_stated_shapes(tiny: Callable[..., HyperParameters]) -> None:
    latents = latents_of(tiny())
    assert latents.z_content.shape == [3, 5]
    assert latents.motion_noise.shape == [3, NUM_FRAMES, 3]
    assert latents.first_state.shape == [3, 3]
    assert latents.z_category.shape == [3, NUM_CATEGORIES]
    noise = latents.motion_noise.numpy()
    assert differs(noise[:, 0], noise[:, 1])
    assert differs(noise[:, 0], latents.first_state.numpy())


@pytest.mark.parametrize(
    ("architecture", "size"),
    [("mocogan", 8), ("mocogan", 16), ("mocogan", 64), ("seed", 8), ("seed", 24), ("seed", 64)],
)
def test_clips_have_the_size_asked_for(
    tiny: Callable[..., HyperParameters], architecture: str, size: int
) -> None:
    hyperparameters = tiny(architecture=architecture)
    generator = build_generator(hyperparameters, size, NUM_CATEGORIES, RandomStream(1))
    made = generator(latents_of(hyperparameters), training=True)
    assert made.shape == [3, NUM_FRAMES, size, size, 3]
    assert made.dtype == tf.float32
    assert np.abs(made).max() <= 1


@pytest.mark.parametrize(
    ("architecture", "size", "fix"),
    [
        ("mocogan", 12, "power of two .* got 12: .*32, 64 or 128"),
        ("mocogan", 4, "got 4"),
        ("mocogan", 0, "got 0"),
        ("seed", 12, "multiple of 8, got 12"),
        ("seed", 0, "got 0"),
    ],
)
def test_a_size_it_cannot_draw_is_refused(
    tiny: Callable[..., HyperParameters], architecture: str, size: int, fix: str
) -> None:
    with pytest.raises(ValueError, match=fix):
        build_generator(tiny(architecture=architecture), size, 0, RandomStream(1))


def test_content_changes_every_frame(generator: Generator, latents: Latents) -> None:
    changed = clips(generator, latents, z_content=latents.z_content + 1)
    for frame in range(NUM_FRAMES):
        assert differs(clips(generator, latents)[:, frame], changed[:, frame])


@pytest.mark.parametrize("architecture", ["mocogan"], indirect=True)
def test_motion_changes_frames_from_its_time_on(generator: Generator, latents: Latents) -> None:
    later = tf.reshape([0.0, 0.0, 1.0, 1.0], [1, NUM_FRAMES, 1])
    before = clips(generator, latents)
    after = clips(generator, latents, motion_noise=latents.motion_noise + later)
    np.testing.assert_allclose(after[:, :2], before[:, :2], atol=1e-6)
    assert differs(after[:, 2], before[:, 2])
    assert differs(after[:, 3], before[:, 3])


@pytest.mark.parametrize("architecture", ["mocogan"], indirect=True)
def test_motion_does_not_depend_on_content(generator: Generator, latents: Latents) -> None:
    changed = latents._replace(z_content=latents.z_content + 1)
    np.testing.assert_array_equal(generator.motion(changed), generator.motion(latents))


@pytest.mark.parametrize("architecture", ["mocogan"], indirect=True)
@pytest.mark.parametrize("name", ["first_state", "z_category"])
def test_first_state_and_category_matter(generator: Generator, latents: Latents, name: str) -> None:
    changed = {name: tf.reverse(getattr(latents, name), [1])}
    assert differs(clips(generator, latents)[:, 0], clips(generator, latents, **changed)[:, 0])


@pytest.mark.parametrize("to_frames", [False, True])
def test_a_category_reaches_the_frames_by_motion_alone_unless_told_otherwise(
    tiny: Callable[..., HyperParameters], to_frames: bool
) -> None:
    hyperparameters = tiny(category_to_frames=to_frames)
    generator = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))
    kernel = generator.motion.gru.inputs_projection.kernel
    kernel[-NUM_CATEGORIES:].assign(tf.zeros([NUM_CATEGORIES, kernel.shape[1]]))
    latents = latents_of(hyperparameters)
    other = clips(generator, latents, z_category=1 - latents.z_category)
    assert differs(clips(generator, latents), other) == to_frames
    inputs = 5 + 3 + NUM_CATEGORIES * to_frames  # content, motion, category
    assert generator.frames.project.kernel.shape[0] == inputs


@pytest.mark.parametrize("architecture", ["seed"], indirect=True)
def test_the_seeds_motion_comes_from_content_alone(generator: Generator, latents: Latents) -> None:
    before = clips(generator, latents)
    after = clips(
        generator,
        latents,
        motion_noise=latents.motion_noise + 1,
        first_state=latents.first_state + 1,
        z_category=1 - latents.z_category,
    )
    np.testing.assert_array_equal(after, before)
    assert differs(before[:, 0], before[:, 1])  # and yet it moves


def test_an_exported_clip_does_not_depend_on_its_neighbours(
    generator: Generator, latents: Latents
) -> None:
    alone = Latents(*(part[:1] for part in latents))
    np.testing.assert_allclose(clips(generator, alone), clips(generator, latents)[:1], atol=1e-6)


def test_bfloat16_draws_nearly_the_same(generator: Generator, latents: Latents) -> None:
    rounded = generator(latents, training=False, dtype=tf.bfloat16)
    assert rounded.dtype == tf.float32
    np.testing.assert_allclose(rounded, clips(generator, latents), atol=0.05)


def test_modulation_is_by_each_clips_own_content(tiny: Callable[..., HyperParameters]) -> None:
    hyperparameters = tiny(content_modulation=2)
    generator = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))
    latents = latents_of(hyperparameters)
    assert generator.frames.project.kernel.shape[0] == hyperparameters.dim_motion  # its only way
    changed = tf.concat([latents.z_content[:1] + 1, latents.z_content[1:]], axis=0)
    before = clips(generator, latents)
    after = clips(generator, latents, z_content=changed)
    for frame in range(NUM_FRAMES):
        assert differs(after[0, frame], before[0, frame])
    np.testing.assert_allclose(after[1:], before[1:], atol=1e-6)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(generator(latents, training=True))
    styles = [modulation.style.kernel for modulation in generator.frames.modulations]
    assert all(np.abs(slope).max() > 0 for slope in tape.gradient(loss, styles))


@pytest.mark.parametrize(("layers", "channels"), [(0, []), (1, [4]), (2, [8, 4]), (9, [16, 8, 4])])
def test_content_modulates_the_last_layers(
    tiny: Callable[..., HyperParameters], layers: int, channels: list[int]
) -> None:
    generator = build_generator(
        tiny(content_modulation=layers), 32, NUM_CATEGORIES, RandomStream(1)
    )
    styles = [modulation.style.kernel.shape for modulation in generator.frames.modulations]
    assert styles == [[5, 2 * count] for count in channels]
    assert generator(latents_of(tiny()), training=False).shape == [3, NUM_FRAMES, 32, 32, 3]


def test_planes_are_planes_over_the_frame_that_the_latents_steer() -> None:
    planes = Planes(2, 1, RandomStream(1))
    planes.coefficients.kernel.assign([[2.0, 0.0, 0.0], [0.0, 1.0, 5.0]])
    made = planes(tf.constant([[1.0, 0.0], [0.0, 1.0]]), 3, 3)
    assert made[0, :, :, 0].numpy().tolist() == [[-2.0] * 3, [0.0] * 3, [2.0] * 3]
    assert made[1, :, :, 0].numpy().tolist() == [[4.0, 5.0, 6.0]] * 3


def test_a_palette_mixes_a_clips_own_colours() -> None:
    palette = Palette(range(1), 2, RandomStream(1))
    palette.draw.kernel.assign([[0.25, 0.0, 0.0, 0.0, 0.0, -0.25]])
    # Two clips of two frames of 1x2 pixels: all of the first colour, a quarter of it, half of each twice.
    logits = tf.constant([[100.0, 0.0], [0.0, np.log(3.0)], [0.0, 0.0], [1.0, 1.0]])
    x = tf.reshape(tf.concat([logits, logits], axis=0), [4, 1, 2, 2])
    made = palette(x, tf.constant([[0.5], [-2.0]])).numpy().reshape(2, 4, 3)
    for pixels, content in zip(made, (0.5, -2.0), strict=True):
        first, second = np.array([content, 0, 0]), np.array([0, 0, -content])
        expected = [first, (first + 3 * second) / 4, (first + second) / 2, (first + second) / 2]
        np.testing.assert_allclose(pixels, expected, atol=1e-6)


def test_pixels_deviate_by_their_weight(tiny: Callable[..., HyperParameters]) -> None:
    """From grey, so little that tanh is the line through 0."""
    made = []
    for weight in (1.0, 0.25):
        hyperparameters = tiny(palette=1, deviation_weight=weight)
        generator = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))
        assert generator.frames.palette
        colours = generator.frames.palette.draw
        for variable in (colours.kernel, colours.bias):
            variable.assign(tf.zeros_like(variable))
        kernel = generator.frames.upsamplings[-1].kernel
        kernel.assign(tf.fill(kernel.shape, 1e-3))
        made.append(clips(generator, latents_of(hyperparameters)))
    assert np.abs(made[0]).max() > 1e-4
    np.testing.assert_allclose(made[1], made[0] / 4, atol=1e-6)


@pytest.mark.parametrize(
    "changes",
    [{"upsampling": "nearest"}, {"upsampling": "transposed"}, {"full_size_layer": True}],
    ids=str,
)
def test_untrained_pixels_are_mixtures_and_trained_ones_deviate(
    tiny: Callable[..., HyperParameters], changes: dict[str, object]
) -> None:
    hyperparameters = tiny(palette=1, **changes)
    generator = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))
    latents = latents_of(hyperparameters)
    made = clips(generator, latents)
    flat = made.reshape(len(made), -1, 3)
    np.testing.assert_allclose(flat, np.broadcast_to(flat[:, :1], flat.shape), atol=1e-6)
    assert differs(flat[0], flat[1])
    frames = generator.frames
    kernel = [*frames.upsamplings, *frames.at_full_size][-1].kernel
    kernel.assign(tf.ones_like(kernel))
    assert differs(clips(generator, latents), made)


@pytest.mark.parametrize(
    "changes",
    [
        {"palette": 2},
        {"planes": True},
        {"upsampling": "nearest"},
        {"motion_units": 7},
        {"content_modulation": 2},
        {"content_modulation": 2, "palette": 2, "colours_apart": True},
        {"full_size_layer": True},
        {"full_size_layer": True, "planes": True, "content_modulation": 9},
    ],
)
def test_each_part_of_the_generator_is_learnt(
    tiny: Callable[..., HyperParameters], changes: dict[str, object]
) -> None:
    hyperparameters = tiny(**changes)
    generator = build_generator(hyperparameters, 32, NUM_CATEGORIES, RandomStream(1))
    with tf.GradientTape() as tape:
        made = generator(latents_of(hyperparameters), training=True)
        loss = tf.reduce_sum(tf.square(made))
    assert made.shape == [3, NUM_FRAMES, 32, 32, 3]
    for slope in tape.gradient(loss, generator.trainable_variables):
        assert np.abs(slope).max() > 0
    smaller = build_generator(tiny(), 32, NUM_CATEGORIES, RandomStream(1))
    assert {tuple(v.shape) for v in generator.variables} != {
        tuple(v.shape) for v in smaller.variables
    }


@pytest.mark.parametrize("apart", [False, True])
def test_content_is_shared_out_to_colours_and_forms(
    tiny: Callable[..., HyperParameters], apart: bool
) -> None:
    hyperparameters = tiny(palette=2, content_modulation=1, colours_apart=apart)
    frames = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1)).frames
    assert frames.palette
    z_content = tf.random.stateless_normal([1, hyperparameters.dim_content], (0, 1))
    x = tf.random.stateless_normal(
        [1, 8, 8, frames.modulations[0].style.kernel.shape[1] // 2], (0, 2)
    )
    slopes = []
    for part, features in ((frames.palette, x[..., :2]), (frames.modulations[0], x)):
        with tf.GradientTape() as tape:
            tape.watch(z_content)
            made = tf.reduce_sum(part(features, z_content))
        slopes.append(tape.gradient(made, z_content).numpy()[0] != 0)
    first_two = [True, True, False, False, False]
    everything = [True] * hyperparameters.dim_content
    expected = [first_two, [not first for first in first_two]] if apart else [everything] * 2
    assert [slope.tolist() for slope in slopes] == expected


def test_a_larger_state_still_gives_z_motion(tiny: Callable[..., HyperParameters]) -> None:
    hyperparameters = tiny(motion_units=7)
    latents = latents_of(hyperparameters)
    assert latents.first_state.shape == [3, 7]
    generator = build_generator(hyperparameters, 8, NUM_CATEGORIES, RandomStream(1))
    assert generator.motion(latents).shape == [3, NUM_FRAMES, 3]
