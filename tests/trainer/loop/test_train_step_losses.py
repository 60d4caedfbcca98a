"""What the losses of a step are made of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.loop.batch_parts import Losses
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.losses.adversarial import discriminator_loss
from mocogan.trainer.losses.category import category_loss
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
StartSteps = Callable[..., tuple[TrainingState, Callable[[int], dict[str, float]]]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.mark.parametrize(
    ("architecture", "num_categories"),
    [("palette", 2), ("moving_parts", 2), ("mocogan", 2), ("mocogan", 0), ("seed", 0)],
)
def test_losses_are_the_sums_of_their_parts(
    start_steps: StartSteps, architecture: str, num_categories: int
) -> None:
    _, step = start_steps(num_categories, architecture=architecture, r1_interval=2, **PENALTIES)
    images = [] if architecture == "seed" else ["image"]
    classifies = num_categories and architecture != "moving_parts"
    parts = ["video", *images, *["category"] * bool(classifies)]
    names = {"d_loss", "g_loss", *(f"{part}_{side}_loss" for part in parts for side in "dg")}
    for number in (0, 1):
        losses = step(number)
        assert set(losses) == names | ({"penalty"} if number == 0 else set())
        for side in "dg":
            total = sum(losses[f"{part}_{side}_loss"] for part in parts)
            assert losses[f"{side}_loss"] == pytest.approx(total, rel=1e-5)


def test_category_losses_are_cross_entropies(start_steps: StartSteps) -> None:
    state, step = start_steps(num_categories=2)
    head = state.video_discriminator.head
    head.kernel.assign(tf.zeros_like(head.kernel))
    head.bias.assign([0.0, math.log(3), 0.0])
    losses = step(0)
    # Class 0 is given 3/4 of the probability; the batch is of classes 0, 1, 1, 1.
    expected = (math.log(4 / 3) + 3 * math.log(4)) / 4
    assert losses["category_d_loss"] == pytest.approx(expected, rel=1e-5)
    assert losses["category_g_loss"] == pytest.approx(expected, rel=1e-5)
    assert (head.bias.numpy() != [0.0, np.float32(math.log(3)), 0.0])[1:].all()


def test_discriminators_learn_the_classes_from_real_clips_and_the_generator_from_fakes(
    clip_shape: ClipShape, batch: Batch
) -> None:
    config = tiny(instance_noise=0.0)
    state = TrainingState(config, clip_shape, 2)
    for variable in state.video_discriminator.head.trainable_variables:
        variable.assign(10 * variable)  # so that real clips and fakes are further apart
    losses = losses_of(config, state, batch)
    one_hot = tf.one_hot(batch[CATEGORY], 2)
    on_real, on_fakes = (
        category_loss(one_hot, state.video_discriminator(clips).categories).numpy()
        for clips in (to_float(batch[CLIP]), fakes_of(state, batch))
    )
    assert abs(on_real - on_fakes) > 1e-3
    assert losses["category_d_loss"].numpy() == pytest.approx(on_real, rel=1e-4)
    assert losses["category_g_loss"].numpy() == pytest.approx(on_fakes, rel=1e-4)


def test_the_image_discriminator_sees_all_frames_that_are_drawn(
    clip_shape: ClipShape, batch: Batch
) -> None:
    config = tiny(
        architecture="palette", image_frames=4, instance_noise=0.0, adversarial="non_saturating"
    )
    state = TrainingState(config, clip_shape, 2)
    # Of four frames, four are all there are.
    clips = to_float(batch[CLIP]), fakes_of(state, batch)
    frames = [tf.reshape(part, [16, 8, 8, 3]) for part in clips]
    assert state.image_discriminator is not None
    real, fake = (state.image_discriminator(part).adversarial for part in frames)
    expected = discriminator_loss("non_saturating", real, fake).numpy()
    losses = losses_of(config, state, batch)
    assert losses["image_d_loss"].numpy() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["image", "video"])
def test_a_projection_judges_each_clip_by_the_output_for_its_class(
    clip_shape: ClipShape, batch: Batch, name: str
) -> None:
    config = tiny(
        architecture="moving_parts",
        discriminator_output="patch",
        temporal_consistency=False,
        instance_noise=0.0,
        adversarial="non_saturating",
    )
    losses = []
    for biases in ([0.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 5.0], [5.0, 0.0, 0.0]):
        state = TrainingState(config, clip_shape, 2)
        discriminator = getattr(state, f"{name}_discriminator")
        head = discriminator.network.head
        head.kernel.assign(tf.zeros_like(head.kernel))  # so that only the classes count
        head.bias.assign(biases)
        losses.append(losses_of(config, state, batch)[f"{name}_g_loss"].numpy())
    # The generator's loss is softplus(-logit), and the batch is of classes 0, 1, 1, 1.
    guess, sure = math.log(2), math.log1p(math.exp(-5))
    expected = [guess, (sure + 3 * guess) / 4, (3 * sure + guess) / 4, sure]
    assert losses == pytest.approx(expected, rel=1e-4)


def losses_of(config: TrainerConfig, state: TrainingState, batch: Batch) -> Losses:
    step = TrainStep(config, state, tf.float32)
    return step.gradients(batch[CLIP], batch[CATEGORY], RandomStream(1), penalize=False).losses


def fakes_of(state: TrainingState, batch: Batch) -> tf.Tensor:
    """The fakes of `losses_of`: their latents are the first numbers of the stream."""
    one_hot = tf.one_hot(batch[CATEGORY], 2)
    latents = state.generator.sample_latents(RandomStream(1), z_category=one_hot, num_frames=4)
    return state.generator(latents, training=True)
