from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.latents import Latents, LatentSampler, repeat_over_frames
from mocogan.trainer.runtime.randomness import RandomStream


def drawn(random: RandomStream, count: int = 6) -> Latents:
    sample_latents = LatentSampler(dim_z_content=5, dim_motion_noise=3, gru_units=7)
    return sample_latents(random, z_category=tf.one_hot([0, 1] * (count // 2), 2), num_frames=4)


def test_latents_are_normal_and_of_the_stated_shapes() -> None:
    latents = drawn(RandomStream(0), count=600)
    assert latents.z_content.shape == [600, 5]
    assert latents.motion_noise.shape == [600, 4, 3]
    assert latents.first_state.shape == [600, 7]
    assert latents.z_category.shape == [600, 2]
    for part in latents[:3]:
        assert part.dtype == tf.float32
        np.testing.assert_allclose([np.mean(part), np.std(part)], [0, 1], atol=0.1)


def test_no_part_and_no_frame_repeats_another() -> None:
    latents = drawn(RandomStream(0))
    numbers = np.concatenate([np.ravel(part) for part in latents[:3]])
    assert len(set(numbers.tolist())) == numbers.size


def test_parts_of_a_batch_have_the_latents_of_the_whole() -> None:
    whole = drawn(RandomStream(3))
    parts = [drawn(RandomStream(3, part=part, parts=3), count=2) for part in range(3)]
    for tensor, *rows in zip(whole, *parts, strict=True):
        np.testing.assert_array_equal(tf.concat(rows, axis=0), tensor)


def test_a_vector_is_repeated_over_the_frames() -> None:
    repeated = repeat_over_frames(tf.constant([[1.0, 2.0], [3.0, 4.0]]), 2)
    assert repeated.numpy().tolist() == [[[1, 2], [1, 2]], [[3, 4], [3, 4]]]
