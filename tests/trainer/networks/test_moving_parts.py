from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.networks.moving_parts import Generator, ImageDiscriminator, random_pairs
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

NUM_FRAMES, NUM_CATEGORIES = 4, 2


def generator_of(size: int = 8) -> Generator:
    config = tiny(architecture="moving_parts").model
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


def test_the_class_moves_the_clip_and_changes_the_picture() -> None:
    generator = generator_of()
    latents = latents_of(generator)
    assert generator.motion.gru.inputs_projection.kernel.shape[0] == 3 + NUM_CATEGORIES
    assert generator.picture.project.kernel.shape[0] == 5 + NUM_CATEGORIES
    other = tf.reverse(latents.z_category, [1])
    assert differs(clips(generator, latents, z_category=other), clips(generator, latents))


def test_content_changes_every_frame_of_its_own_clip_alone() -> None:
    generator = generator_of()
    latents = latents_of(generator)
    changed = tf.concat([latents.z_content[:1] + 1, latents.z_content[1:]], axis=0)
    before = clips(generator, latents)
    after = clips(generator, latents, z_content=changed)
    for frame in range(NUM_FRAMES):
        assert differs(after[0, frame], before[0, frame])
    np.testing.assert_allclose(after[1:], before[1:], atol=1e-6)


@pytest.mark.parametrize(("size", "channels"), [(8, [8]), (16, [16, 8]), (64, [64, 32, 16, 8])])
def test_the_picture_has_half_of_the_frame_size(size: int, channels: list[int]) -> None:
    generator = generator_of(size)
    assert [norm.scale.shape[0] for norm in generator.picture.norms] == channels
    picture = generator.picture(noise_of(2, 5 + NUM_CATEGORIES), training=False)
    assert picture.shape == [2, size // 2, size // 2, 8]
    assert clips(generator, latents_of(generator)).shape == (3, NUM_FRAMES, size, size, 3)


def test_every_weight_of_the_generator_is_learned() -> None:
    generator = generator_of(32)
    with tf.GradientTape() as tape:
        made = generator(latents_of(generator), training=True)
        loss = tf.reduce_sum(tf.square(made))
    for slope in tape.gradient(loss, generator.trainable_variables):
        assert np.abs(slope).max() > 0


@pytest.mark.parametrize("count", [1, 3])
def test_pairs_are_two_frames_in_order_and_their_distance_in_time(count: int) -> None:
    numbers = tf.reshape(tf.range(10.0), [2, 5, 1, 1, 1])  # a clip of frames 0 to 4, then 5 to 9
    pairs = random_pairs(tf.tile(numbers, [1, 1, 2, 2, 3]), count, RandomStream(1))
    assert pairs.shape == [2 * count, 2, 2, 7]
    flat = pairs.numpy().reshape(2 * count, 4, 7)
    assert (flat == flat[:, :1]).all()
    for number, pair in enumerate(flat[:, 0]):
        earlier, later, distance = pair[0], pair[3], pair[6]
        assert pair.tolist() == [earlier] * 3 + [later] * 3 + [distance]
        assert earlier // 5 == later // 5 == number // count
        assert distance == pytest.approx((later - earlier) / 4)
        assert distance > 0


@pytest.mark.parametrize("count", [1, 2])
def test_parts_of_a_batch_show_the_pairs_of_the_whole(count: int) -> None:
    clips = tf.reshape(tf.range(6.0 * 5 * 3), [6, 5, 1, 1, 3])
    whole = random_pairs(clips, count, RandomStream(1))
    parts = [
        random_pairs(part, count, RandomStream(1, part=number, parts=3))
        for number, part in enumerate(tf.split(clips, 3))
    ]
    np.testing.assert_array_equal(tf.concat(parts, axis=0), whole)


def test_all_pairs_are_drawn_alike() -> None:
    clips = tf.reshape(tf.range(3.0), [1, 3, 1, 1, 1])
    pairs = random_pairs(tf.tile(clips, [300, 1, 1, 1, 3]), 1, RandomStream(1)).numpy()
    _, counts = np.unique(pairs[:, 0, 0, ::3], axis=0, return_counts=True)
    assert len(counts) == 3
    assert counts.min() > 70


@pytest.mark.parametrize("output", ["global", "patch"])
def test_an_image_discriminator_judges_pairs_for_every_class(output: str) -> None:
    config = tiny(architecture="moving_parts", image_frames=3, discriminator_output=output).model
    image = ImageDiscriminator(RandomStream(1), config=config, size=32, num_categories=2)
    selected = image.select(noise_of(2, NUM_FRAMES, 32, 32, 3), RandomStream(2))
    logits = image(selected)
    assert selected.shape == [6, 32, 32, 7]
    assert logits.adversarial.shape == [6, 1 if output == "global" else 4]
    assert logits.categories.shape == [6, 2]
