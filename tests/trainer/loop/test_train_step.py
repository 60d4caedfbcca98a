from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
StartSteps = Callable[..., tuple[TrainingState, Callable[[int], dict[str, float]]]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.mark.parametrize(
    "loss", ["non_saturating", pytest.param("hinge", marks=pytest.mark.exhaustive), "relativistic"]
)
@pytest.mark.parametrize(
    ("architecture", "norm", "num_categories"),
    [
        ("mocogan", "batch", 2),
        pytest.param("mocogan", "none", 2, marks=pytest.mark.exhaustive),
        ("mocogan", "none", 0),
        ("palette", "none", 2),
        ("moving_parts", "none", 2),
        ("seed", "none", 0),
    ],
)
def test_one_step_moves_every_weight(
    start_steps: StartSteps,
    loss: str,
    architecture: str,
    norm: str,
    num_categories: int,
) -> None:
    state, step = start_steps(
        num_categories, architecture=architecture, adversarial=loss, discriminator_norm=norm
    )
    variables = [*state.generator_variables, *state.discriminator_variables]
    before = [variable.numpy() for variable in variables]
    step(0)
    still = [
        variable.shape.as_list()
        for variable, value in zip(variables, before, strict=True)
        if (variable.numpy() == value).all()
    ]
    # A constant added to real and fake logits is nothing to the relativistic loss, nor to hinge while all logits lie
    # between its margins: the biases of heads that only judge. With a projection, the outputs for classes judge too.
    biases, judges = [[1]], 1 if architecture == "seed" or num_categories else 2
    if architecture == "moving_parts":
        biases, judges = [[1], [3]], 3
    assert [shape for shape in still if shape not in biases] == []
    assert len(still) <= (0 if loss == "non_saturating" else judges)


@pytest.mark.parametrize(
    ("side", "other"), [("generator", "discriminator"), ("discriminator", "generator")]
)
def test_each_side_is_moved_by_its_own_optimizer(
    start_steps: StartSteps, side: str, other: str
) -> None:
    state, step = start_steps(**{f"{side}_learning_rate": 1e-30})
    halted, moving = (getattr(state, f"{name}_variables") for name in (side, other))
    before = [[variable.numpy() for variable in part] for part in (halted, moving)]
    step(0)
    for variable, value in zip(halted, before[0], strict=True):
        np.testing.assert_allclose(variable, value, atol=1e-9)
    assert any((v.numpy() != value).any() for v, value in zip(moving, before[1], strict=True))


def test_a_step_is_counted_and_so_are_its_classes(
    start_steps: StartSteps,
) -> None:
    state, step = start_steps(num_categories=2)
    step(0)
    step(1)
    assert state.step.numpy() == 2
    assert state.class_counts.numpy().tolist() == [2, 6]


def test_moves_are_scaled_by_the_schedule_and_learning_rates_are_not(
    start_steps: StartSteps,
) -> None:
    moves = []
    for options in ({}, {"decay_start": 0.25, "decay_half_life": 0.5}):
        state, step = start_steps(**options)
        state.progress.assign(0.75)  # one half-life after the start
        variables = [*state.generator_variables, *state.discriminator_variables]
        before = [variable.numpy() for variable in variables]
        step(0)
        moves.append([v.numpy() - value for v, value in zip(variables, before, strict=True)])
        rates = [float(rate) for rate in state.learning_rates]
        assert rates == pytest.approx([4e-4, 2e-4])
    for whole, half in zip(*moves, strict=True):
        np.testing.assert_allclose(half, whole / 2, rtol=1e-2, atol=1e-7)


def test_spectral_norms_follow_each_update_once(start_steps: StartSteps) -> None:
    state, step = start_steps(discriminator_norm="spectral")
    layer = state.video_discriminator.convolutions[1]
    before = layer.norm.u.numpy()
    step(0)
    matrix = layer.kernel.numpy().reshape(-1, layer.kernel.shape[-1])
    expected = matrix.T @ (matrix @ before)
    assert not np.allclose(layer.norm.u, before, atol=1e-6)
    np.testing.assert_allclose(layer.norm.u, expected / np.linalg.norm(expected), atol=1e-6)


def test_penalties_come_every_so_many_steps_or_never(
    start_steps: StartSteps,
) -> None:
    _, step = start_steps(r1_interval=2, **PENALTIES)
    penalties = [step(number).get("penalty", 0.0) for number in range(3)]
    assert [penalty > 0 for penalty in penalties] == [True, False, True]
    _, step = start_steps()
    assert "penalty" not in step(0)


def test_the_average_follows_the_generator(
    start_steps: StartSteps,
) -> None:
    copying, step = start_steps(ema_decay=0.0, generator_learning_rate=1e-2)
    for number in range(2):
        step(number)
    for average, current in zip(
        copying.ema_generator.variables, copying.generator.variables, strict=True
    ):
        np.testing.assert_allclose(average, current, atol=1e-6)
    averaging, step = start_steps(ema_decay=0.9, generator_learning_rate=1e-2)
    for number in range(2):
        step(number)
    moments = averaging.ema_generator.frames.norms[0].mean, averaging.generator.frames.norms[0].mean
    kernels = averaging.ema_generator.frames.project, averaging.generator.frames.project
    assert np.abs(moments[0] - moments[1]).max() > 0
    assert np.abs(kernels[0].kernel - kernels[1].kernel).max() > 1e-4


def test_a_seed_determines_the_losses(
    start_steps: StartSteps,
) -> None:
    runs = []
    for seed in (1, 1, 2):
        _, step = start_steps(num_categories=2, seed=seed)
        runs.append([step(number) for number in range(3)][-1])
    one, same, other = runs
    assert one == pytest.approx(same, rel=1e-4)
    assert all(abs(one[name] - other[name]) > 1e-3 for name in ("video_g_loss", "image_g_loss"))


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "palette", "image_frames": 3, **PENALTIES},
        {"discriminator_norm": "spectral", "adversarial": "hinge", **PENALTIES},
        {"discriminator_norm": "spectral", "architecture": "seed", **PENALTIES},
        {"diff_augment": ("color", "translation", "cutout")},
        {"architecture": "palette", "frame_difference": True, **PENALTIES},
        {"architecture": "palette", "discriminator_norm": "batch"},
        {"architecture": "moving_parts", "image_frames": 3, **PENALTIES},
        {"class_conditional_frames": True},
    ],
    ids=str,
)
def test_with_each_option_every_kernel_moves(
    start_steps: StartSteps, changes: dict[str, object]
) -> None:
    state, step = start_steps(0 if changes.get("architecture") == "seed" else 2, **changes)
    variables = [*state.generator_variables, *state.discriminator_variables]
    kernels = [variable for variable in variables if len(variable.shape) > 1]
    before = [kernel.numpy() for kernel in kernels]
    losses = step(0)
    assert all(math.isfinite(loss) for loss in losses.values())
    for kernel, value in zip(kernels, before, strict=True):
        assert (kernel.numpy() != value).any(), kernel.shape


@pytest.mark.parametrize(
    ("num_frames", "size"),
    [
        (8, 32),
        (16, 64),
        *(
            pytest.param(num_frames, size, marks=pytest.mark.exhaustive)
            for num_frames in (8, 16, 64)
            for size in (32, 64, 128)
            if (num_frames, size) not in ((8, 32), (16, 64))
        ),
    ],
)
def test_clips_of_other_sizes_and_lengths(size: int, num_frames: int) -> None:
    config = tiny(batch_size=1, **PENALTIES)
    state = TrainingState(config, (num_frames, size, size, 3), 2)
    pixels = np.random.default_rng(0).integers(256, size=(1, num_frames, size, size, 3))
    clips, categories = tf.constant(pixels, tf.uint8), tf.constant([1], tf.int64)
    losses = TrainStep(config, state, tf.float32)(clips, categories, 0)
    assert all(math.isfinite(loss) for loss in losses.values())
    assert losses["penalty"] > 0
    latents = state.ema_generator.sample_latents(
        RandomStream(0), z_category=tf.one_hot([0], 2), num_frames=num_frames
    )
    made = state.ema_generator(latents, training=False)
    assert made.shape == clips.shape
    assert np.std(made) > 0


def test_discriminators_learn_to_tell_a_still_batch_from_fakes(
    start_steps: StartSteps,
) -> None:
    _, step = start_steps(discriminator_learning_rate=5e-3, instance_noise=0.0)
    losses = [step(number)["d_loss"] for number in range(12)]
    assert losses[-1] < 0.7 * losses[0]
