from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import HyperParameters
from mocogan.trainer.networks.discriminators import (
    Discriminator,
    Noise,
    Steadiness,
    build_image_discriminator,
    build_video_discriminator,
    halve_frames,
    noise_sigma,
    with_differences,
)
from mocogan.trainer.runtime.randomness import RandomStream


def noise_of(*shape: int) -> tf.Tensor:
    return RandomStream(5).normal(shape)


def video_discriminator(
    hyperparameters: HyperParameters, num_frames: int, size: int, num_categories: int = 0
) -> Discriminator:
    shape = (num_frames, size, size, 3)
    return build_video_discriminator(hyperparameters, shape, num_categories, RandomStream(1))


@pytest.mark.parametrize("convolution", ["3d", "2plus1d"])
@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize(
    ("num_frames", "size", "patches"),
    [(4, 8, 4), (12, 8, 12), (13, 8, 1), (16, 16, 4), (4, 32, 4 * 2 * 2)],
)
def test_clips_are_judged_in_patches(
    tiny: Callable[..., HyperParameters],
    convolution: str,
    norm: str,
    num_frames: int,
    size: int,
    patches: int,
) -> None:
    hyperparameters = tiny(discriminator_norm=norm, video_convolution=convolution)
    judge = video_discriminator(hyperparameters, num_frames, size, num_categories=3)
    judgement = judge(noise_of(2, num_frames, size, size, 3))
    assert judgement.logits.shape == [2, patches]
    assert judgement.category_logits.shape == [2, 3]
    assert judgement.logits.dtype == tf.float32


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize(("size", "patches"), [(8, 1), (16, 1), (64, 16)])
def test_frames_are_judged_in_patches(
    tiny: Callable[..., HyperParameters], norm: str, size: int, patches: int
) -> None:
    judge = build_image_discriminator(tiny(discriminator_norm=norm), 16, RandomStream(1))
    assert judge is not None
    judgement = judge(noise_of(2, size, size, 3))
    assert judgement.logits.shape == [2, patches]
    assert judgement.category_logits.shape == [2, 0]


@pytest.mark.parametrize(("frames", "size", "shrink"), [(4, 8, 1), (16, 32, 2), (13, 64, 1)])
def test_wholes_are_judged_once(
    tiny: Callable[..., HyperParameters], frames: int, size: int, shrink: int
) -> None:
    hyperparameters = tiny(judgement="whole", video_shrink=shrink)
    of_frames = build_image_discriminator(hyperparameters, size, RandomStream(1))
    assert of_frames is not None
    assert of_frames(noise_of(2, size, size, 3)).logits.shape == [2, 1]
    judgement = video_discriminator(hyperparameters, frames, size, 2)(
        noise_of(2, frames, size, size, 3)
    )
    assert judgement.logits.shape == [2, 1]
    assert judgement.category_logits.shape == [2, 2]


def test_the_seed_judges_whole_clips_only(tiny: Callable[..., HyperParameters]) -> None:
    hyperparameters = tiny(architecture="seed")
    assert build_image_discriminator(hyperparameters, 8, RandomStream(1)) is None
    judgement = video_discriminator(hyperparameters, 4, 8)(noise_of(2, 4, 8, 8, 3))
    assert judgement.logits.shape == [2, 1]
    assert judgement.category_logits.shape == [2, 0]


@pytest.mark.parametrize(
    "changes", [{}, {"video_convolution": "2plus1d"}, {"frame_difference": True}], ids=str
)
@pytest.mark.parametrize("num_frames", [4, 16])
def test_every_frame_counts_and_so_does_their_order(
    tiny: Callable[..., HyperParameters], num_frames: int, changes: dict[str, object]
) -> None:
    judge = video_discriminator(tiny(**changes), num_frames, 8)
    clip = noise_of(1, num_frames, 8, 8, 3)
    with tf.GradientTape() as tape:
        tape.watch(clip)
        total = tf.reduce_sum(judge(clip).logits)
    slopes = tape.gradient(total, clip).numpy()
    assert (np.abs(slopes).max(axis=(0, 2, 3, 4)) > 0).all()
    backwards = judge(tf.reverse(clip, [1])).logits
    assert np.abs(np.sort(backwards) - np.sort(judge(clip).logits)).max() > 1e-4


def test_first_channel_judges_and_the_others_name_the_class(
    tiny: Callable[..., HyperParameters],
) -> None:
    judge = video_discriminator(tiny(), 4, 8, num_categories=2)
    judge.head.kernel.assign(tf.zeros_like(judge.head.kernel))
    judge.head.bias.assign([1.0, 2.0, 3.0])
    judgement = judge(noise_of(1, 4, 8, 8, 3))
    assert judgement.logits.numpy().tolist() == [[1.0] * 4]
    assert judgement.category_logits.numpy().tolist() == [[2.0, 3.0]]  # means over patches


def test_without_norm_a_clip_is_judged_alone(tiny: Callable[..., HyperParameters]) -> None:
    clips = noise_of(3, 4, 8, 8, 3)
    alone = video_discriminator(tiny(), 4, 8)(clips[:1]).logits
    together = video_discriminator(tiny(), 4, 8)(clips).logits[:1]
    np.testing.assert_allclose(alone, together, atol=1e-5)


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
    clips = tf.reshape([1.0, 3.0, 2.0, 10.0, 30.0, 20.0], [1, 3, 1, 1, 2])
    assert with_differences(clips).numpy().reshape(3, 4).tolist() == [
        [1.0, 3.0, 0.0, 0.0],
        [2.0, 10.0, 1.0, 7.0],
        [30.0, 20.0, 28.0, 10.0],
    ]


def test_a_video_discriminator_of_differences_sees_motion_in_three_more_channels(
    tiny: Callable[..., HyperParameters],
) -> None:
    judge = video_discriminator(tiny(frame_difference=True, instance_noise=0.0), 4, 8)
    clip = noise_of(2, 4, 8, 8, 3)
    still = tf.repeat(clip[:, :1], 4, axis=1)
    kernel = judge.convolutions[0].kernel
    taps = tf.reshape(kernel, [4, 2, 2, 4, 6, 4])  # 2x2 pixels are folded into its channels
    before = [judge(x).logits.numpy() for x in (clip, still)]
    doubled = tf.concat([taps[..., :3, :], 2 * taps[..., 3:, :]], axis=-2)
    kernel.assign(tf.reshape(doubled, kernel.shape))
    after = [judge(x).logits.numpy() for x in (clip, still)]
    assert np.abs(after[0] - before[0]).max() > 1e-3
    np.testing.assert_array_equal(after[1], before[1])  # nothing moves there


def test_steadiness_is_judged_by_how_much_the_frames_hold_of_a_colour() -> None:
    steadiness = Steadiness(RandomStream(1), spectral_norm=False)
    red_alone = tf.concat([[[1.0], [0.0], [0.0]], tf.zeros([3, 15])], axis=1)
    steadiness.of_pixels.kernel.assign(red_alone)
    steadiness.judge.kernel.assign(tf.ones([16, 1]))
    reds = tf.constant([[0.3, -1.0, 0.1, 0.0], [-0.5, 0.2, 0.6, 0.0]])  # of two frames of 2x2
    clip = tf.stack([reds, reds + 5, reds - 5], axis=-1)
    judged = steadiness(tf.reshape(clip, [1, 2, 2, 2, 3]))
    # 0.1 and 0.2 of red on average, without what is below 0: a variance of 0.05 squared.
    np.testing.assert_allclose(judged, [[np.log1p(0.0025 / 1e-5)]], rtol=1e-4)


def test_what_moves_and_stays_as_it_is_is_steady(tiny: Callable[..., HyperParameters]) -> None:
    judge = video_discriminator(tiny(steadiness=True, instance_noise=0.0), 4, 8)
    plain = video_discriminator(tiny(instance_noise=0.0), 4, 8)
    first = noise_of(1, 1, 8, 8, 3)
    moving = tf.concat([tf.roll(first, shift, axis=3) for shift in range(4)], axis=1)
    growing = moving * [[[[[1.0]]], [[[1.5]]], [[[2.0]]], [[[2.5]]]]]
    added = [(judge(x).logits - plain(x).logits).numpy() for x in (moving, growing)]
    np.testing.assert_allclose(added[0], 0, atol=1e-4)
    assert np.ptp(added[1]) < 1e-4 < np.abs(added[1]).min()  # the same to all patches
    slopes = slopes_of(judge, growing)
    assert all(np.abs(slope).max() > 0 for slope in slopes)


def slopes_of(judge: Discriminator, clips: tf.Tensor) -> list[np.ndarray]:
    """Of a penalty on the slope at `clips` by the variables of its steadiness' kernels."""
    kernels = [judge.steadiness.of_pixels.kernel, judge.steadiness.judge.kernel]
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(clips)
            judged = tf.reduce_sum(judge(clips).logits)
        loss = tf.reduce_sum(inner.gradient(judged, clips) ** 2)
    return [slope.numpy() for slope in outer.gradient(loss, kernels)]


def test_a_shrunken_clip_is_all_that_the_video_discriminator_sees(
    tiny: Callable[..., HyperParameters],
) -> None:
    judge = video_discriminator(tiny(video_shrink=2), 4, 16)
    small = noise_of(2, 4, 8, 8, 3)
    large = tf.repeat(tf.repeat(small, 2, axis=2), 2, axis=3)
    plain = video_discriminator(tiny(video_shrink=1), 4, 8)
    np.testing.assert_allclose(judge(large).logits, plain(small).logits, atol=1e-5)


def test_noise_decays_linearly_to_nothing(tiny: Callable[..., HyperParameters]) -> None:
    decaying = tiny(instance_noise=0.4, noise_decay_steps=10)
    sigmas = [float(noise_sigma(decaying, tf.constant(step, tf.int64))) for step in (0, 5, 10, 99)]
    assert sigmas == pytest.approx([0.4, 0.2, 0.0, 0.0])
    noise = Noise(noise_sigma(decaying, tf.constant(5, tf.int64)), True, RandomStream(1))
    for noisy in (noise.on_input, noise.on_features):
        assert noisy(tf.zeros([20, 20, 20])).numpy().std() == pytest.approx(0.2, abs=0.02)
    for lasting in (tiny(instance_noise=0.4), tiny(instance_noise=0.4, noise_decay_steps=0)):
        assert noise_sigma(lasting, tf.constant(99, tf.int64)) == 0.4
    assert noise_sigma(tiny(instance_noise=0.0, noise_decay_steps=10), tf.constant(5)) == 0


@pytest.mark.parametrize("every_layer", [False, True])
def test_noise_falls_on_the_layers_asked_for(every_layer: bool) -> None:
    noise = Noise(0.5, every_layer, RandomStream(1))
    x = tf.zeros([20, 20, 20])
    assert noise.on_input(x).numpy().std() == pytest.approx(0.5, abs=0.02)
    expected = 0.5 if every_layer else 0.0
    assert noise.on_features(x).numpy().std() == pytest.approx(expected, abs=0.02)


def test_noise_changes_a_judgement_anew_each_time(tiny: Callable[..., HyperParameters]) -> None:
    judge = video_discriminator(tiny(), 4, 8)
    clip = noise_of(1, 4, 8, 8, 3)
    noise, silence = (Noise(sigma, False, RandomStream(1)) for sigma in (0.1, 0.0))
    first, second = judge(clip, noise).logits, judge(clip, noise).logits
    assert np.abs(first - second).max() > 1e-4
    np.testing.assert_array_equal(judge(clip, silence).logits, judge(clip).logits)


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_bfloat16_judges_nearly_the_same(tiny: Callable[..., HyperParameters], norm: str) -> None:
    judge = video_discriminator(tiny(discriminator_norm=norm), 4, 8)
    clip = noise_of(2, 4, 8, 8, 3)
    rounded = judge(clip, None, tf.bfloat16).logits
    assert rounded.dtype == tf.float32
    np.testing.assert_allclose(rounded, judge(clip).logits, atol=0.1, rtol=0.1)
