from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.discriminator import (
    Noise,
    random_frames,
    split_logits,
    update_spectral_norms,
)
from mocogan.trainer.networks.seed import VideoDiscriminator
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny


def test_noise_has_the_given_standard_deviation() -> None:
    noise = Noise(RandomStream(1), stddev=0.5)
    for add in (noise.add, noise.add_to_leaky_relu):
        assert add(tf.zeros([20, 20, 20])).numpy().std() == pytest.approx(0.5, abs=0.02)


def test_noise_of_zero_adds_nothing() -> None:
    noise = Noise(RandomStream(1), stddev=0.0)
    x = tf.constant([[-1.0, 2.0]])
    assert noise.add(x) is x
    np.testing.assert_allclose(noise.add_to_leaky_relu(x), [[-0.2, 2.0]], rtol=1e-6)


def test_parts_of_a_batch_have_the_noise_of_the_whole() -> None:
    whole = Noise(RandomStream(1), stddev=0.5).add(tf.zeros([6, 5]))
    parts = [
        Noise(RandomStream(1, part=part, parts=3), stddev=0.5).add(tf.zeros([2, 5]))
        for part in range(3)
    ]
    np.testing.assert_array_equal(tf.concat(parts, axis=0), whole)


def test_the_first_channel_is_adversarial_and_the_others_are_classes() -> None:
    x = tf.constant([[[[1.0, 2.0, 3.0], [4.0, 6.0, 8.0]]]])  # two patches
    logits = split_logits(x)
    assert logits.adversarial.numpy().tolist() == [[1.0, 4.0]]
    assert logits.categories.numpy().tolist() == [[4.0, 5.5]]  # means over the patches


def test_logits_are_float32_and_may_have_no_classes() -> None:
    logits = split_logits(tf.zeros([2, 3, 1], tf.bfloat16))
    assert (logits.adversarial.shape, logits.categories.shape) == ([2, 3], [2, 0])
    assert logits.adversarial.dtype == logits.categories.dtype == tf.float32


def test_all_spectral_norms_of_a_discriminator_are_updated_once() -> None:
    config = tiny(architecture="seed", discriminator_norm="spectral").model
    network = VideoDiscriminator(RandomStream(1), config=config, clip_shape=(4, 8, 8, 3))
    layers = [*network.convolutions, network.head]
    expected = []
    for layer in layers:
        layer.kernel.assign(layer.kernel + RandomStream(2).normal(layer.kernel.shape))
        matrix = layer.kernel.numpy().reshape(-1, layer.kernel.shape[-1])
        product = matrix.T @ (matrix @ layer.norm.u.numpy())
        expected.append(product / np.linalg.norm(product))
    update_spectral_norms(network)
    for layer, u in zip(layers, expected, strict=True):
        np.testing.assert_allclose(layer.norm.u, u, atol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_frames_are_different_ones_of_their_clip(count: int) -> None:
    clips = tf.reshape(tf.range(4 * 5, dtype=tf.float32), [4, 5, 1, 1, 1])
    random = RandomStream(1)
    drawn = np.stack([random_frames(clips, count, random).numpy().ravel() for _ in range(50)])
    assert drawn.shape == (50, 4 * count)
    numbers = drawn.reshape(50, 4, count)
    assert (numbers // 5 == np.arange(4)[:, np.newaxis]).all()
    assert all(len(set(clip)) == count for clip in numbers.reshape(-1, count))
    assert set(drawn.ravel()) == set(range(20))  # each frame has its turn


@pytest.mark.parametrize("count", [1, 2])
def test_parts_of_a_batch_show_the_frames_of_the_whole(count: int) -> None:
    clips = tf.reshape(tf.range(6 * 5, dtype=tf.float32), [6, 5, 1, 1, 1])
    whole = random_frames(clips, count, RandomStream(1))
    parts = [
        random_frames(part, count, RandomStream(1, part=number, parts=3))
        for number, part in enumerate(tf.split(clips, 3))
    ]
    np.testing.assert_array_equal(tf.concat(parts, axis=0), whole)
