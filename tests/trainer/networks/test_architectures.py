"""What the generators and discriminators of all architectures have in common."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.networks.architectures import build_discriminators, build_generator
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.networks.discriminator import Discriminator, Noise
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

NUM_FRAMES, SIZE, NUM_CATEGORIES = 4, 8, 2
ADDITIONS = {
    "architecture": "palette",
    "gru_units": 7,
    "film_layers": 1,
    "num_palette_colors": 2,
    "coord_planes": True,
    "full_resolution_layer": True,
    "discriminator_output": "global",
    "video_downsample": 2,
    "frame_difference": True,
    "temporal_consistency": True,
}


@pytest.fixture(
    params=[
        {"architecture": "mocogan"},
        {"architecture": "seed"},
        ADDITIONS,
        {"architecture": "moving_parts"},
    ],
    ids=["mocogan", "seed", "palette", "moving_parts"],
)
def config(request: pytest.FixtureRequest) -> TrainerConfig:
    return tiny(**request.param)


def generator_of(config: TrainerConfig, size: int = SIZE) -> ClipGenerator:
    return build_generator(
        RandomStream(1),
        config=config.model,
        clip_shape=(NUM_FRAMES, size, size, 3),
        num_categories=NUM_CATEGORIES,
    )


def discriminators_of(
    config: TrainerConfig, clip_shape: tuple[int, int, int, int] = (NUM_FRAMES, SIZE, SIZE, 3)
) -> tuple[Discriminator | None, Discriminator]:
    return build_discriminators(
        RandomStream(1), config=config.model, clip_shape=clip_shape, num_categories=NUM_CATEGORIES
    )


@pytest.fixture
def generator(config: TrainerConfig) -> ClipGenerator:
    return generator_of(config)


@pytest.fixture
def latents(generator: ClipGenerator) -> Latents:
    one_hot = tf.one_hot([0, 1, 1], NUM_CATEGORIES)
    return generator.sample_latents(RandomStream(0), z_category=one_hot, num_frames=NUM_FRAMES)


def test_clips_have_the_stated_shape_dtype_and_range(
    generator: ClipGenerator, latents: Latents
) -> None:
    clips = generator(latents, training=True)
    assert clips.shape == [3, NUM_FRAMES, SIZE, SIZE, 3]
    assert clips.dtype == tf.float32
    assert np.abs(clips).max() <= 1


def test_content_changes_every_frame(generator: ClipGenerator, latents: Latents) -> None:
    before = generator(latents, training=False)
    changed = latents._replace(z_content=latents.z_content + 1)
    after = generator(changed, training=False)
    assert (np.abs(after - before).max(axis=(0, 2, 3, 4)) > 1e-5).all()


def test_an_exported_clip_does_not_depend_on_the_others(
    generator: ClipGenerator, latents: Latents
) -> None:
    alone = Latents(*(part[:1] for part in latents))
    whole = generator(latents, training=False)[:1]
    np.testing.assert_allclose(generator(alone, training=False), whole, atol=1e-6)


def test_bfloat16_draws_nearly_the_same(generator: ClipGenerator, latents: Latents) -> None:
    rounded = generator(latents, training=False, dtype=tf.bfloat16)
    assert rounded.dtype == tf.float32
    np.testing.assert_allclose(rounded, generator(latents, training=False), atol=0.05)


@pytest.mark.parametrize(
    ("architecture", "size"),
    [("mocogan", 16), ("mocogan", 64), ("seed", 24), ("palette", 32), ("moving_parts", 32)],
)
def test_clips_of_other_sizes(architecture: str, size: int) -> None:
    generator = generator_of(tiny(architecture=architecture), size)
    latents = generator.sample_latents(
        RandomStream(0), z_category=tf.one_hot([0, 1], NUM_CATEGORIES), num_frames=NUM_FRAMES
    )
    assert generator(latents, training=False).shape == [2, NUM_FRAMES, size, size, 3]


@pytest.mark.parametrize(
    ("architecture", "size", "fix"),
    [
        ("mocogan", 12, "power of two .* got 12: .*32, 64 or 128"),
        ("mocogan", 4, "got 4"),
        ("palette", 0, "got 0"),
        ("seed", 12, "multiple of 8, got 12"),
        ("seed", 0, "got 0"),
    ],
)
def test_a_size_that_cannot_be_drawn_is_refused(architecture: str, size: int, fix: str) -> None:
    with pytest.raises(ValueError, match=fix):
        generator_of(tiny(architecture=architecture), size)


def test_discriminators_return_logits_of_the_stated_shapes(config: TrainerConfig) -> None:
    image, video = discriminators_of(config)
    logits = video(RandomStream(5).normal([2, NUM_FRAMES, SIZE, SIZE, 3]))
    seed = config.model.architecture == "seed"
    assert logits.adversarial.shape[0] == 2
    assert logits.categories.shape == [2, 0 if seed else NUM_CATEGORIES]
    assert logits.adversarial.dtype == logits.categories.dtype == tf.float32
    assert (image is None) == seed
    if image:
        clips = RandomStream(5).normal([2, NUM_FRAMES, SIZE, SIZE, 3])
        logits = image(image.select(clips, RandomStream(6)))
        assert logits.adversarial.shape[0] == 2
        judges_classes = config.model.architecture == "moving_parts"
        assert logits.categories.shape == [2, NUM_CATEGORIES if judges_classes else 0]


@pytest.mark.parametrize("num_frames", [4, 16])
def test_every_frame_matters_and_so_does_their_order(
    config: TrainerConfig, num_frames: int
) -> None:
    _, video = discriminators_of(config, (num_frames, SIZE, SIZE, 3))
    clip = RandomStream(5).normal([1, num_frames, SIZE, SIZE, 3])
    with tf.GradientTape() as tape:
        tape.watch(clip)
        logits = video(clip).adversarial
    slopes = tape.gradient(logits, clip).numpy()
    assert (np.abs(slopes).max(axis=(0, 2, 3, 4)) > 0).all()
    backwards = video(tf.reverse(clip, [1])).adversarial
    assert np.abs(np.sort(backwards) - np.sort(logits)).max() > 1e-4


def test_without_norm_logits_do_not_depend_on_the_other_clips(config: TrainerConfig) -> None:
    _, video = discriminators_of(config)
    clips = RandomStream(5).normal([3, NUM_FRAMES, SIZE, SIZE, 3])
    alone, together = video(clips[:1]).adversarial, video(clips).adversarial[:1]
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_bfloat16_gives_nearly_the_same_logits(config: TrainerConfig) -> None:
    _, video = discriminators_of(config)
    clips = RandomStream(5).normal([2, NUM_FRAMES, SIZE, SIZE, 3])
    rounded = video(clips, dtype=tf.bfloat16).adversarial
    assert rounded.dtype == tf.float32
    np.testing.assert_allclose(rounded, video(clips).adversarial, atol=0.1, rtol=0.1)


def test_each_pass_has_new_noise_and_no_noise_changes_nothing(config: TrainerConfig) -> None:
    _, video = discriminators_of(config)
    clip = RandomStream(5).normal([1, NUM_FRAMES, SIZE, SIZE, 3])
    noise, silence = (Noise(RandomStream(1), stddev=stddev) for stddev in (0.1, 0.0))
    first, second = video(clip, noise).adversarial, video(clip, noise).adversarial
    assert np.abs(first - second).max() > 1e-4
    np.testing.assert_array_equal(video(clip, silence).adversarial, video(clip).adversarial)


@pytest.mark.parametrize("architecture", ["palette", "mocogan", "seed"])
@pytest.mark.parametrize("layer", [0, -1], ids=["first", "last"])
def test_hidden_layers_have_noise_under_mocogan_alone(architecture: str, layer: int) -> None:
    _, video = discriminators_of(tiny(architecture=architecture))
    network = video if architecture in ("mocogan", "seed") else video.network
    kernel = network.convolutions[layer].kernel
    kernel.assign(tf.zeros_like(kernel))  # so that noise before it has no effect
    clip = RandomStream(5).normal([1, NUM_FRAMES, SIZE, SIZE, 3])
    noisy = video(clip, Noise(RandomStream(1), stddev=0.1)).adversarial
    difference = np.abs(noisy - video(clip).adversarial).max()
    assert (difference > 1e-4) == (architecture == "mocogan")
