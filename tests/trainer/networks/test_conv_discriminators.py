from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.conv_discriminators import (
    VideoDiscriminator,
    halve_frames,
    with_differences,
)
from mocogan.trainer.networks.palette import ImageDiscriminator
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


def video_discriminator(
    num_frames: int, size: int, num_categories: int = 0, **options: object
) -> VideoDiscriminator:
    return VideoDiscriminator(
        RandomStream(1),
        config=tiny(architecture="palette", **options).model,
        clip_shape=(num_frames, size, size, 3),
        num_categories=num_categories,
    )


def noise_of(*shape: int) -> tf.Tensor:
    return RandomStream(5).normal(shape)


@pytest.mark.parametrize("norm", ["batch", "none", "spectral"])
@pytest.mark.parametrize(("frames", "size", "downsample"), [(4, 8, 1), (16, 32, 2), (13, 64, 1)])
def test_a_global_output_has_one_logit(norm: str, frames: int, size: int, downsample: int) -> None:
    options = {
        "discriminator_output": "global",
        "video_downsample": downsample,
        "discriminator_norm": norm,
    }
    config = tiny(architecture="palette", **options).model
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
