from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.extended import (
    Generator,
    ImageDiscriminator,
    VideoDiscriminator,
    halve_frames,
    with_differences,
)
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

NUM_FRAMES, NUM_CATEGORIES = 4, 2


def generator_of(size: int = 8, **options: object) -> Generator:
    config = tiny(architecture="extended", **options).model
    return Generator(RandomStream(1), config=config, size=size, num_categories=NUM_CATEGORIES)


def latents_of(generator: Generator) -> Latents:
    one_hot = tf.one_hot([0, 1, 1], NUM_CATEGORIES)
    return generator.sample_latents(RandomStream(0), z_category=one_hot, num_frames=NUM_FRAMES)


def clips(generator: Generator, latents: Latents, **changes: tf.Tensor) -> np.ndarray:
    return generator(latents._replace(**changes), training=False).numpy()


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() > 1e-5)


def video_discriminator(
    num_frames: int, size: int, num_categories: int = 0, **options: object
) -> VideoDiscriminator:
    return VideoDiscriminator(
        RandomStream(1),
        config=tiny(architecture="extended", **options).model,
        clip_shape=(num_frames, size, size, 3),
        num_categories=num_categories,
    )


def noise_of(*shape: int) -> tf.Tensor:
    return RandomStream(5).normal(shape)


def test_motion_does_not_depend_on_content_and_has_a_larger_state() -> None:
    generator = generator_of(gru_units=7)
    latents = latents_of(generator)
    assert latents.first_state.shape == [3, 7]
    category = tf.repeat(latents.z_category[:, tf.newaxis], NUM_FRAMES, axis=1)
    z_motion = generator.motion(latents.motion_noise, category, latents.first_state)
    assert z_motion.shape == [3, NUM_FRAMES, 3]


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


@pytest.mark.parametrize("norm", ["batch", "none", "spectral"])
@pytest.mark.parametrize(("frames", "size", "downsample"), [(4, 8, 1), (16, 32, 2), (13, 64, 1)])
def test_a_global_output_has_one_logit(norm: str, frames: int, size: int, downsample: int) -> None:
    options = {
        "discriminator_output": "global",
        "video_downsample": downsample,
        "discriminator_norm": norm,
    }
    config = tiny(architecture="extended", **options).model
    image = ImageDiscriminator(RandomStream(1), config=config, size=size)
    assert image(noise_of(2, size, size, 3)).adversarial.shape == [2, 1]
    video = video_discriminator(frames, size, 2, **options)
    logits = video(noise_of(2, frames, size, size, 3))
    assert logits.adversarial.shape == [2, 1]
    assert logits.categories.shape == [2, 2]


@pytest.mark.parametrize(
    ("num_frames", "size", "patches"), [(4, 8, 4), (13, 8, 1), (4, 32, 4 * 2 * 2)]
)
def test_a_patch_output_has_a_logit_per_patch(num_frames: int, size: int, patches: int) -> None:
    video = video_discriminator(num_frames, size, 3)
    logits = video(noise_of(2, num_frames, size, size, 3))
    assert logits.adversarial.shape == [2, patches]
    assert logits.categories.shape == [2, 3]


def test_frames_shrink_to_means() -> None:
    frames = tf.reshape(tf.range(16, dtype=tf.float32), [1, 1, 4, 4, 1])
    with tf.GradientTape() as tape:
        tape.watch(frames)
        halved = halve_frames(frames)
        loss = tf.reduce_sum(halved * [[[[[1.0], [2.0]], [[3.0], [4.0]]]]])
    assert halved.numpy().ravel().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert halved.shape == [1, 1, 2, 2, 1]
    slopes = tape.gradient(loss, frames).numpy()[0, 0, :, :, 0]
    assert slopes.tolist() == np.kron([[0.25, 0.5], [0.75, 1.0]], np.ones((2, 2))).tolist()


def test_differences_are_those_from_the_frame_before() -> None:
    clip = tf.reshape([1.0, 3.0, 2.0, 10.0, 30.0, 20.0], [1, 3, 1, 1, 2])
    assert with_differences(clip).numpy().reshape(3, 4).tolist() == [
        [1.0, 3.0, 0.0, 0.0],
        [2.0, 10.0, 1.0, 7.0],
        [30.0, 20.0, 28.0, 10.0],
    ]


def test_differences_are_three_more_channels() -> None:
    video = video_discriminator(4, 8, frame_difference=True)
    clip = noise_of(2, 4, 8, 8, 3)
    still = tf.repeat(clip[:, :1], 4, axis=1)
    kernel = video.network.convolutions[0].kernel
    taps = tf.reshape(kernel, [4, 2, 2, 4, 6, 4])  # 2x2 pixels are folded into its channels
    before = [video(x).adversarial.numpy() for x in (clip, still)]
    doubled = tf.concat([taps[..., :3, :], 2 * taps[..., 3:, :]], axis=-2)
    kernel.assign(tf.reshape(doubled, kernel.shape))
    after = [video(x).adversarial.numpy() for x in (clip, still)]
    assert np.abs(after[0] - before[0]).max() > 1e-3
    np.testing.assert_array_equal(after[1], before[1])  # nothing moves there


def test_a_downsampled_clip_is_all_that_the_video_discriminator_sees() -> None:
    video = video_discriminator(4, 16, video_downsample=2)
    small = noise_of(2, 4, 8, 8, 3)
    large = tf.repeat(tf.repeat(small, 2, axis=2), 2, axis=3)
    plain = video_discriminator(4, 8)
    np.testing.assert_allclose(video(large).adversarial, plain(small).adversarial, atol=1e-5)


def test_what_moves_and_keeps_its_colors_is_consistent() -> None:
    video = video_discriminator(4, 8, temporal_consistency=True)
    plain = video_discriminator(4, 8)
    first = noise_of(1, 1, 8, 8, 3)
    moving = tf.concat([tf.roll(first, shift, axis=3) for shift in range(4)], axis=1)
    growing = moving * [[[[[1.0]]], [[[1.5]]], [[[2.0]]], [[[2.5]]]]]
    added = [(video(x).adversarial - plain(x).adversarial).numpy() for x in (moving, growing)]
    np.testing.assert_allclose(added[0], 0, atol=1e-4)
    assert np.ptp(added[1]) < 1e-4 < np.abs(added[1]).min()  # the same to all patches


def test_a_gradient_penalty_reaches_the_temporal_consistency() -> None:
    video = video_discriminator(4, 8, temporal_consistency=True)
    assert video.temporal_consistency
    kernels = [
        video.temporal_consistency.pixel_features.kernel,
        video.temporal_consistency.output.kernel,
    ]
    clip = noise_of(1, 4, 8, 8, 3) * tf.reshape([1.0, 1.5, 2.0, 2.5], [1, 4, 1, 1, 1])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(clip)
            logits = tf.reduce_sum(video(clip).adversarial)
        loss = tf.reduce_sum(inner.gradient(logits, clip) ** 2)
    for slope in outer.gradient(loss, kernels):
        assert np.abs(slope).max() > 0
