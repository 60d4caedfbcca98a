from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.loop.gradients import StepGradients, random_frames
from mocogan.trainer.losses.adversarial import category_loss, discriminator_loss
from mocogan.trainer.networks.generator import sample_latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def gradients_of(clip_shape: ClipShape) -> Callable[..., StepGradients]:
    def make(**changes: object) -> StepGradients:
        config = tiny(**changes)
        state = TrainingState(config, clip_shape, 2)
        return StepGradients(config, state, tf.float32)

    return make


def one_hot(batch: Batch) -> tf.Tensor:
    return tf.one_hot(batch[CATEGORY], 2)


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


def test_all_frames_drawn_are_judged(clip_shape: ClipShape, batch: Batch) -> None:
    config = tiny(image_frames=4, instance_noise=0.0, adversarial="non_saturating")
    state = TrainingState(config, clip_shape, 2)
    gradients = StepGradients(config, state, tf.float32)
    figures = gradients(batch[CLIP], one_hot(batch), RandomStream(1), penalize=False).figures
    # Of four frames, four are all there are. The fakes come from the same stream's first numbers.
    latents = sample_latents(config, 4, one_hot(batch), RandomStream(1))
    clips = to_float(batch[CLIP]), state.generator(latents, training=True)
    frames = [tf.reshape(part, [16, 8, 8, 3]) for part in clips]
    assert state.image_discriminator is not None
    real, fake = (state.image_discriminator(part).logits for part in frames)
    expected = discriminator_loss("non_saturating", real, fake).numpy()
    assert figures["image_d_loss"].numpy() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["ac", "infogan"])
def test_ac_learns_the_classes_from_real_clips_and_infogan_from_fakes(
    clip_shape: ClipShape, batch: Batch, kind: str
) -> None:
    config = tiny(category_loss=kind, instance_noise=0.0)
    state = TrainingState(config, clip_shape, 2)
    judge = state.video_discriminator
    for variable in judge.head.trainable_variables:
        variable.assign(10 * variable)  # so that real clips and fakes are further apart
    gradients = StepGradients(config, state, tf.float32)
    figures = gradients(batch[CLIP], one_hot(batch), RandomStream(1), penalize=False).figures
    latents = sample_latents(config, 4, one_hot(batch), RandomStream(1))
    of_real, of_fakes = (
        category_loss(one_hot(batch), judge(clips).categories).numpy()
        for clips in (to_float(batch[CLIP]), state.generator(latents, training=True))
    )
    assert abs(of_real - of_fakes) > 1e-3
    assert figures["category_g_loss"].numpy() == pytest.approx(of_fakes, rel=1e-4)
    learnt_from = of_real if kind == "ac" else of_fakes
    assert figures["category_d_loss"].numpy() == pytest.approx(learnt_from, rel=1e-4)


@pytest.mark.parametrize("penalize", [False, True])
def test_gradients_of_the_discriminators_alone_are_those_of_both(
    gradients_of: Callable[..., StepGradients], batch: Batch, penalize: bool
) -> None:
    gradients = gradients_of(**PENALTIES)
    alone = gradients.of_discriminators(batch[CLIP], one_hot(batch), RandomStream(1), penalize)
    both = gradients(batch[CLIP], one_hot(batch), RandomStream(1), penalize)
    for left, right in zip(alone, both.discriminator, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-7)
