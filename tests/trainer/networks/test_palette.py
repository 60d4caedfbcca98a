from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.networks.palette import (
    Generator,
)
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

NUM_FRAMES, NUM_CATEGORIES = 4, 2


def generator_of(size: int = 8, **options: object) -> Generator:
    config = tiny(architecture="palette", **options).model
    return Generator(RandomStream(1), config=config, size=size, num_categories=NUM_CATEGORIES)


def latents_of(generator: Generator) -> Latents:
    one_hot = tf.one_hot([0, 1, 1], NUM_CATEGORIES)
    return generator.sample_latents(RandomStream(0), z_category=one_hot, num_frames=NUM_FRAMES)


def clips(generator: Generator, latents: Latents, **changes: tf.Tensor) -> np.ndarray:
    return generator(latents._replace(**changes), training=False).numpy()


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() > 1e-5)


def noise_of(*shape: int) -> tf.Tensor:
    return RandomStream(5).normal(shape)


def test_motion_does_not_depend_on_content_and_has_a_larger_state() -> None:
    generator = generator_of(gru_units=7)
    latents = latents_of(generator)
    assert latents.first_state.shape == [3, 7]
    z_motion = generator.z_motion(latents)
    assert z_motion.shape == [3, NUM_FRAMES, 3]
    other_content = latents._replace(z_content=latents.z_content + 1)
    np.testing.assert_array_equal(generator.z_motion(other_content), z_motion)


def test_film_is_by_each_clips_own_content() -> None:
    generator = generator_of(film_layers=2)
    latents = latents_of(generator)
    assert generator.frames.project.kernel.shape[0] == 3  # z_motion: z_content has no other way
    changed = tf.concat([latents.z_content[:1] + 1, latents.z_content[1:]], axis=0)
    before = clips(generator, latents)
    after = clips(generator, latents, z_content=changed)
    for frame in range(NUM_FRAMES):
        assert differs(after[0, frame], before[0, frame])
    np.testing.assert_allclose(after[1:], before[1:], atol=1e-6)


@pytest.mark.parametrize(("layers", "channels"), [(0, []), (1, [4]), (2, [8, 4]), (9, [16, 8, 4])])
def test_content_modulates_the_last_layers(layers: int, channels: list[int]) -> None:
    generator = generator_of(32, film_layers=layers)
    styles = [film.style.kernel.shape for film in generator.frames.films]
    assert styles == [[5, 2 * count] for count in channels]
    assert clips(generator, latents_of(generator)).shape == (3, NUM_FRAMES, 32, 32, 3)


@pytest.mark.parametrize("conditional", [False, True])
def test_the_frame_generator_sees_the_class_where_it_is_told_to(conditional: bool) -> None:
    generator = generator_of(class_conditional_frames=conditional)
    assert generator.frames.project.kernel.shape[0] == 5 + 3 + NUM_CATEGORIES * conditional


def test_residuals_are_weighted() -> None:
    """Around gray, so little that tanh is the line through 0."""
    made = []
    for weight in (1.0, 0.25):
        generator = generator_of(num_palette_colors=1, palette_residual_weight=weight)
        assert generator.frames.palette
        colors = generator.frames.palette.draw
        for variable in (colors.kernel, colors.bias):
            variable.assign(tf.zeros_like(variable))
        kernel = generator.frames.upsamplings[-1].kernel
        kernel.assign(tf.fill(kernel.shape, 1e-3))
        made.append(clips(generator, latents_of(generator)))
    assert np.abs(made[0]).max() > 1e-4
    np.testing.assert_allclose(made[1], made[0] / 4, atol=1e-6)


@pytest.mark.parametrize("full_resolution", [False, True])
def test_untrained_pixels_are_mixtures_and_trained_ones_deviate(full_resolution: bool) -> None:
    generator = generator_of(num_palette_colors=1, full_resolution_layer=full_resolution)
    latents = latents_of(generator)
    made = clips(generator, latents)
    flat = made.reshape(len(made), -1, 3)
    np.testing.assert_allclose(flat, np.broadcast_to(flat[:, :1], flat.shape), atol=1e-6)
    assert differs(flat[0], flat[1])
    frames = generator.frames
    kernel = [*frames.upsamplings, *frames.full_resolution][-1].kernel
    kernel.assign(tf.ones_like(kernel))
    assert differs(clips(generator, latents), made)


@pytest.mark.parametrize(
    "options",
    [
        {"num_palette_colors": 2},
        {"coord_planes": True},
        {"gru_units": 7},
        {"film_layers": 2},
        {"film_layers": 2, "num_palette_colors": 2, "separate_color_latents": True},
        {"full_resolution_layer": True},
        {"full_resolution_layer": True, "coord_planes": True, "film_layers": 9},
    ],
    ids=str,
)
def test_each_addition_to_the_generator_is_learned(options: dict[str, object]) -> None:
    generator = generator_of(32, **options)
    with tf.GradientTape() as tape:
        made = generator(latents_of(generator), training=True)
        loss = tf.reduce_sum(tf.square(made))
    assert made.shape == [3, NUM_FRAMES, 32, 32, 3]
    for slope in tape.gradient(loss, generator.trainable_variables):
        assert np.abs(slope).max() > 0
    plain = generator_of(32)
    assert {tuple(v.shape) for v in generator.variables} != {
        tuple(v.shape) for v in plain.variables
    }


@pytest.mark.parametrize("separate", [False, True])
def test_content_is_divided_into_colors_and_forms(separate: bool) -> None:
    frames = generator_of(
        num_palette_colors=2, film_layers=1, separate_color_latents=separate
    ).frames
    assert frames.palette
    z_content = tf.random.stateless_normal([1, 5], (0, 1))
    channels = frames.films[0].style.kernel.shape[1] // 2
    x = tf.random.stateless_normal([1, 8, 8, channels], (0, 2))
    slopes = []
    for part, features in ((frames.palette, x[..., :2]), (frames.films[0], x)):
        with tf.GradientTape() as tape:
            tape.watch(z_content)
            made = tf.reduce_sum(part(features, z_content))
        slopes.append(tape.gradient(made, z_content).numpy()[0] != 0)
    first_two = [True, True, False, False, False]
    expected = [first_two, [not first for first in first_two]] if separate else [[True] * 5] * 2
    assert [slope.tolist() for slope in slopes] == expected


@pytest.mark.parametrize("separate", [False, True])
def test_a_caption_reaches_the_palette_and_the_film_layers(separate: bool) -> None:
    config = tiny(
        architecture="palette",
        num_palette_colors=2,
        film_layers=1,
        separate_color_latents=separate,
        gru_units=3,
    ).model
    generator = Generator(RandomStream(1), config=config, size=8, num_categories=0, dim_caption=6)
    latents = generator.sample_latents(RandomStream(0), z_category=tf.zeros([2, 0]), num_frames=4)
    latents = latents._replace(z_caption=RandomStream(3).normal([2, 6]))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(latents.z_caption)
        clips = generator(latents, training=False)
    assert clips.shape == [2, 4, 8, 8, 3]
    assert np.abs(tape.gradient(clips, latents.z_caption)).min() > 0
    generator.motion.gru.inputs_projection.kernel.assign(
        tf.zeros_like(generator.motion.gru.inputs_projection.kernel)
    )
    with tf.GradientTape() as tape:  # without a way through the motion
        tape.watch(latents.z_caption)
        clips = generator(latents, training=False)
    assert np.abs(tape.gradient(clips, latents.z_caption)).max() > 0
