from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.seed import Generator, VideoDiscriminator
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny


def test_motion_comes_from_the_content_alone() -> None:
    generator = Generator(RandomStream(1), config=tiny(architecture="seed").model, size=8)
    latents = generator.sample_latents(
        RandomStream(0), z_category=tf.one_hot([0, 1, 1], 2), num_frames=4
    )
    changed = latents._replace(
        motion_noise=latents.motion_noise + 1,
        first_state=latents.first_state + 1,
        z_category=1 - latents.z_category,
    )
    before = generator(latents, training=False).numpy()
    np.testing.assert_array_equal(generator(changed, training=False), before)
    assert np.abs(before[:, 0] - before[:, 1]).max() > 1e-5  # and yet it moves


def test_a_whole_clip_has_one_logit_and_no_classes() -> None:
    config = tiny(architecture="seed").model
    network = VideoDiscriminator(RandomStream(1), config=config, clip_shape=(4, 16, 16, 3))
    logits = network(RandomStream(5).normal([2, 4, 16, 16, 3]))
    assert logits.adversarial.shape == [2, 1]
    assert logits.categories.shape == [2, 0]
