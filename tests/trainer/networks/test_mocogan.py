from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.networks.mocogan import (
    Generator,
    ImageDiscriminator,
    VideoDiscriminator,
    hidden_channels,
)
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

NUM_FRAMES, NUM_CATEGORIES = 4, 2


def generator_of(**options: object) -> Generator:
    return Generator(
        RandomStream(1), config=tiny(**options).model, size=8, num_categories=NUM_CATEGORIES
    )


def latents_of(generator: Generator) -> Latents:
    one_hot = tf.one_hot([0, 1, 1], NUM_CATEGORIES)
    return generator.sample_latents(RandomStream(0), z_category=one_hot, num_frames=NUM_FRAMES)


def clips(generator: Generator, latents: Latents, **changes: tf.Tensor) -> np.ndarray:
    return generator(latents._replace(**changes), training=False).numpy()


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() > 1e-5)


def video_discriminator(num_frames: int, size: int, **options: object) -> VideoDiscriminator:
    return VideoDiscriminator(
        RandomStream(1),
        config=tiny(**options).model,
        clip_shape=(num_frames, size, size, 3),
        num_categories=3,
    )


@pytest.mark.parametrize(
    ("size", "expected"), [(8, [4]), (16, [8, 4]), (64, [32, 16, 8, 4]), (128, [32, 32, 16, 8, 4])]
)
def test_channels_double_from_the_last_hidden_layer_to_eight_times(
    size: int, expected: list[int]
) -> None:
    assert hidden_channels(4, size) == expected


def test_motion_changes_frames_from_its_time_on() -> None:
    generator = generator_of()
    latents = latents_of(generator)
    later = tf.reshape([0.0, 0.0, 1.0, 1.0], [1, NUM_FRAMES, 1])
    before = clips(generator, latents)
    after = clips(generator, latents, motion_noise=latents.motion_noise + later)
    np.testing.assert_allclose(after[:, :2], before[:, :2], atol=1e-6)
    assert differs(after[:, 2], before[:, 2])
    assert differs(after[:, 3], before[:, 3])


@pytest.mark.parametrize("name", ["first_state", "z_category"])
def test_first_state_and_category_change_the_first_frame(name: str) -> None:
    generator = generator_of()
    latents = latents_of(generator)
    changed = {name: tf.reverse(getattr(latents, name), [1])}
    assert differs(clips(generator, latents)[:, 0], clips(generator, latents, **changed)[:, 0])


def test_the_state_of_the_gru_is_z_motion() -> None:
    generator = generator_of()
    assert latents_of(generator).first_state.shape == [3, 3]
    # The frame generator sees z_content and the state, and nothing else of the latents.
    assert generator.frames.project.kernel.shape[0] == 5 + 3


@pytest.mark.parametrize("conditional", [False, True])
def test_a_category_reaches_the_frames_by_motion_alone_unless_they_are_conditional(
    conditional: bool,
) -> None:
    generator = generator_of(class_conditional_frames=conditional)
    kernel = generator.gru.inputs_projection.kernel
    kernel[-NUM_CATEGORIES:].assign(tf.zeros([NUM_CATEGORIES, kernel.shape[1]]))
    latents = latents_of(generator)
    other = clips(generator, latents, z_category=1 - latents.z_category)
    assert differs(clips(generator, latents), other) == conditional
    inputs = 5 + 3 + NUM_CATEGORIES * conditional  # content, motion, category
    assert generator.frames.project.kernel.shape[0] == inputs


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize(
    ("num_frames", "size", "patches"),
    [(4, 8, 4), (12, 8, 12), (13, 8, 1), (16, 16, 4), (4, 32, 4 * 2 * 2)],
)
def test_clips_have_a_logit_per_patch(norm: str, num_frames: int, size: int, patches: int) -> None:
    network = video_discriminator(num_frames, size, discriminator_norm=norm)
    logits = network(RandomStream(5).normal([2, num_frames, size, size, 3]))
    assert logits.adversarial.shape == [2, patches]
    assert logits.categories.shape == [2, 3]


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize(("size", "patches"), [(8, 1), (16, 1), (64, 16)])
def test_frames_have_a_logit_per_patch(norm: str, size: int, patches: int) -> None:
    config = tiny(discriminator_norm=norm).model
    network = ImageDiscriminator(RandomStream(1), config=config)
    logits = network(RandomStream(5).normal([2, size, size, 3]))
    assert logits.adversarial.shape == [2, patches]
    assert logits.categories.shape == [2, 0]


def test_batch_norm_takes_the_place_of_biases_and_skips_the_first_layer() -> None:
    network = video_discriminator(4, 8, discriminator_norm="batch")
    assert len(network.norms) == 2
    assert all(layer.bias is None for layer in [*network.convolutions, network.head])
    clips = RandomStream(5).normal([3, 4, 8, 8, 3])
    alone, together = network(clips[:1]).adversarial, network(clips).adversarial[:1]
    assert np.abs(alone - together).max() > 1e-3  # the moments are those of the batch
