from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.loop.train_step import TrainStep, rate_share
from mocogan.trainer.networks.generator import sample_latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Step = Callable[[int], dict[str, float]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def start(clip_shape: ClipShape, batch: Batch) -> Callable[..., tuple[TrainingState, Step]]:
    """A new state, and the function that makes step n of it on always the same batch."""

    def make(
        num_categories: int = 0, dtype: tf.DType = tf.float32, **changes: object
    ) -> tuple[TrainingState, Step]:
        config = tiny(**changes)
        state = TrainingState(config, clip_shape, num_categories)
        train_step = TrainStep(config, state, dtype)

        def step(number: int) -> dict[str, float]:
            losses = train_step(batch[CLIP], batch[CATEGORY], number)
            return {name: float(loss) for name, loss in losses.items()}

        return state, step

    return make


@pytest.mark.parametrize("loss", ["non_saturating", "hinge", "relativistic"])
@pytest.mark.parametrize(
    ("architecture", "norm", "num_categories"),
    [
        ("mocogan", "batch", 2),
        ("mocogan", "none", 2),
        ("mocogan", "none", 0),
        ("seed", "none", 0),
    ],
)
def test_one_step_moves_every_weight(
    start: Callable[..., tuple[TrainingState, Step]],
    loss: str,
    architecture: str,
    norm: str,
    num_categories: int,
) -> None:
    state, step = start(
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
    # between its margins: the biases of heads that only judge.
    heads = (1 if architecture == "seed" else 2) if num_categories == 0 else 1
    allowed = 0 if loss == "non_saturating" else heads
    assert [shape for shape in still if shape != [1]] == []
    assert len(still) <= allowed


@pytest.mark.parametrize(
    ("side", "other"), [("generator", "discriminator"), ("discriminator", "generator")]
)
def test_each_side_is_moved_by_its_own_optimizer(
    start: Callable[..., tuple[TrainingState, Step]], side: str, other: str
) -> None:
    state, step = start(**{f"{side}_learning_rate": 1e-30})
    halted, moving = (getattr(state, f"{name}_variables") for name in (side, other))
    before = [[variable.numpy() for variable in part] for part in (halted, moving)]
    step(0)
    for variable, value in zip(halted, before[0], strict=True):
        np.testing.assert_allclose(variable, value, atol=1e-9)
    assert any((v.numpy() != value).any() for v, value in zip(moving, before[1], strict=True))


def test_a_step_is_counted_and_so_are_its_classes(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    state, step = start(num_categories=2)
    step(0)
    step(1)
    assert state.step.numpy() == 2
    assert state.class_counts.numpy().tolist() == [2, 6]


@pytest.mark.parametrize("num_categories", [0, 2])
def test_losses_are_the_sums_of_their_parts(
    start: Callable[..., tuple[TrainingState, Step]], num_categories: int
) -> None:
    _, step = start(num_categories, r1_interval=2, **PENALTIES)
    for number in (0, 1):
        losses = step(number)
        parts = ["video", "image"] + ["category"] * bool(num_categories)
        generator = sum(losses[f"{part}_g_loss"] for part in parts)
        discriminator = sum(losses[f"{part}_d_loss"] for part in parts)
        assert losses["g_loss"] == pytest.approx(generator, rel=1e-5)
        assert losses["d_loss"] == pytest.approx(discriminator, rel=1e-5)
        assert ("category_d_loss" in losses) == bool(num_categories)


@pytest.mark.parametrize("kind", ["ac", "infogan"])
def test_category_loss_is_cross_entropy_times_its_weight(
    start: Callable[..., tuple[TrainingState, Step]], kind: str
) -> None:
    state, step = start(num_categories=2, category_loss=kind, category_weight=2.0)
    head = state.video_discriminator.head
    head.kernel.assign(tf.zeros_like(head.kernel))
    head.bias.assign([0.0, math.log(3), 0.0])
    losses = step(0)
    # Class 0 is given 3/4 of the probability; the batch is of classes 0, 1, 1, 1.
    expected = 2 * (math.log(4 / 3) + 3 * math.log(4)) / 4
    assert losses["category_d_loss"] == pytest.approx(expected, rel=1e-5)
    assert losses["category_g_loss"] == pytest.approx(expected, rel=1e-5)
    assert (head.bias.numpy() != [0.0, np.float32(math.log(3)), 0.0])[1:].all()


def test_decayed_noise_is_none(start: Callable[..., tuple[TrainingState, Step]]) -> None:
    halted = {"generator_learning_rate": 1e-30, "discriminator_learning_rate": 1e-30}
    _, decaying = start(instance_noise=0.5, noise_decay_steps=2, **halted)
    _, silent = start(instance_noise=0.0, **halted)
    differences = [
        abs(decaying(number)["video_d_loss"] - silent(number)["video_d_loss"])
        for number in range(3)
    ]
    assert min(differences[:2]) > 1e-4
    assert differences[2] < 1e-6


def test_learning_rates_halve_again_and_again_once_their_hold_is_over(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    falling = {"learning_rate_hold": 2, "learning_rate_half_life": 3}
    steps = (tf.constant(step, tf.int64) for step in (0, 2, 5, 8))
    assert [float(rate_share(tiny(**falling), step)) for step in steps] == [1.0, 1.0, 0.5, 0.25]

    moves = []
    for changes in ({}, falling):
        state, step = start(**changes)
        state.step.assign(5)
        variables = [*state.generator_variables, *state.discriminator_variables]
        before = [variable.numpy() for variable in variables]
        step(0)
        moves.append([v.numpy() - value for v, value in zip(variables, before, strict=True)])
    for whole, half in zip(*moves, strict=True):
        np.testing.assert_allclose(half, whole / 2, rtol=1e-2, atol=1e-7)


def test_the_discriminators_are_updated_as_often_as_asked_for(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    state, step = start(discriminator_updates=3)
    step(0)
    step(1)
    assert state.discriminator_optimizer.updates.numpy() == 6
    assert state.generator_optimizer.updates.numpy() == 2
    assert state.step.numpy() == 2


def test_spectral_norms_follow_each_update_once(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    for updates in (1, 2):
        state, step = start(discriminator_norm="spectral", discriminator_updates=updates)
        layer = state.video_discriminator.convolutions[1]
        before = layer.norm.u.numpy()
        step(0)
        matrix = layer.kernel.numpy().reshape(-1, layer.kernel.shape[-1])
        expected = matrix.T @ (matrix @ before)
        expected /= np.linalg.norm(expected)
        assert not np.allclose(layer.norm.u, before, atol=1e-6)
        # After two updates there were two iterations, so one from the first vector is not enough.
        assert np.allclose(layer.norm.u, expected, atol=1e-6) == (updates == 1)


def test_further_updates_see_fresh_fakes(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    halted = {"generator_learning_rate": 1e-30, "discriminator_learning_rate": 1e-30}
    losses = [start(discriminator_updates=updates, **halted)[1](0) for updates in (1, 2)]
    # The joint update comes last, with latents that the first one did not have.
    assert losses[0]["video_d_loss"] != pytest.approx(losses[1]["video_d_loss"], abs=1e-5)


def test_penalties_come_every_so_many_steps_or_never(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    _, step = start(r1_interval=2, **PENALTIES)
    penalties = [step(number).get("penalty", 0.0) for number in range(3)]
    assert [penalty > 0 for penalty in penalties] == [True, False, True]
    _, step = start()
    assert "penalty" not in step(0)


def test_the_average_follows_the_generator(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    copying, step = start(ema_decay=0.0, generator_learning_rate=1e-2)
    for number in range(2):
        step(number)
    for average, current in zip(
        copying.ema_generator.variables, copying.generator.variables, strict=True
    ):
        np.testing.assert_allclose(average, current, atol=1e-6)
    averaging, step = start(ema_decay=0.9, generator_learning_rate=1e-2)
    for number in range(2):
        step(number)
    moments = averaging.ema_generator.frames.norms[0].mean, averaging.generator.frames.norms[0].mean
    kernels = averaging.ema_generator.frames.project, averaging.generator.frames.project
    assert np.abs(moments[0] - moments[1]).max() > 0
    assert np.abs(kernels[0].kernel - kernels[1].kernel).max() > 1e-4


def test_a_seed_determines_the_losses(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    runs = []
    for seed in (1, 1, 2):
        _, step = start(num_categories=2, seed=seed)
        runs.append([step(number) for number in range(3)][-1])
    one, same, other = runs
    assert one == pytest.approx(same, rel=1e-4)
    assert abs(one["g_loss"] - other["g_loss"]) > 1e-3


@pytest.mark.parametrize(
    "changes",
    [
        {"image_frames": 3, **PENALTIES},
        {"category_loss": "infogan"},
        {"discriminator_updates": 2},
        {"discriminator_norm": "spectral", "adversarial": "hinge", **PENALTIES},
        {"discriminator_norm": "spectral", "architecture": "seed", **PENALTIES},
        {"diff_augment": ("color", "translation", "cutout")},
        {"frame_difference": True, **PENALTIES},
        {"video_convolution": "2plus1d", **PENALTIES},
        {"video_convolution": "2plus1d", "discriminator_norm": "batch"},
        {"class_conditional_frames": True},
    ],
    ids=str,
)
def test_with_each_switch_every_kernel_moves(
    start: Callable[..., tuple[TrainingState, Step]], changes: dict[str, object]
) -> None:
    state, step = start(0 if changes.get("architecture") == "seed" else 2, **changes)
    variables = [*state.generator_variables, *state.discriminator_variables]
    kernels = [variable for variable in variables if len(variable.shape) > 1]
    before = [kernel.numpy() for kernel in kernels]
    losses = step(0)
    assert all(math.isfinite(loss) for loss in losses.values())
    for kernel, value in zip(kernels, before, strict=True):
        assert (kernel.numpy() != value).any(), kernel.shape


@pytest.mark.parametrize("size", [32, 64, 128])
@pytest.mark.parametrize("num_frames", [8, 16, 64])
def test_clips_of_other_sizes_and_lengths(size: int, num_frames: int) -> None:
    config = tiny(batch_size=1, **PENALTIES)
    state = TrainingState(config, (num_frames, size, size, 3), 2)
    pixels = np.random.default_rng(0).integers(256, size=(1, num_frames, size, size, 3))
    clips, categories = tf.constant(pixels, tf.uint8), tf.constant([1], tf.int64)
    losses = TrainStep(config, state, tf.float32)(clips, categories, 0)
    assert all(math.isfinite(loss) for loss in losses.values())
    assert losses["penalty"] > 0
    latents = sample_latents(config, num_frames, tf.one_hot([0], 2), RandomStream(0))
    made = state.ema_generator(latents, training=False)
    assert made.shape == clips.shape
    assert np.std(made) > 0


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_bfloat16_stays_finite_and_weights_stay_float32(
    start: Callable[..., tuple[TrainingState, Step]], norm: str
) -> None:
    changes = {"discriminator_norm": norm, **(PENALTIES if norm == "none" else {})}
    state, step = start(num_categories=2, dtype=tf.bfloat16, **changes)
    exact = start(num_categories=2, **changes)[1](0)
    losses = step(0)
    assert losses["video_g_loss"] == pytest.approx(exact["video_g_loss"], abs=0.1)
    assert all(math.isfinite(loss) for loss in [*losses.values(), *step(1).values()])
    assert {variable.dtype for variable in state.trainable_variables} == {tf.float32}


def test_discriminators_learn_to_tell_a_still_batch_from_fakes(
    start: Callable[..., tuple[TrainingState, Step]],
) -> None:
    _, step = start(discriminator_learning_rate=5e-3, instance_noise=0.0)
    losses = [step(number)["d_loss"] for number in range(12)]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize(
    ("gradient_accumulation_steps", "switches"),
    [
        (2, PENALTIES),
        (4, {"noise_every_layer": True}),
        (4, {"diff_augment": ("color", "translation", "cutout")}),
        (2, {"discriminator_updates": 3, "discriminator_norm": "spectral"}),
    ],
    ids=str,
)
def test_parts_of_a_batch_do_what_the_whole_does(
    start: Callable[..., tuple[TrainingState, Step]], accumulate: int, switches: dict[str, object]
) -> None:
    # Without batch norm, whose moments are those of a part.
    changes = {
        "architecture": "seed",
        "r1_interval": 2,
        "discriminator_learning_rate": 1e-2,
        **switches,
    }
    whole, whole_step = start(**changes)
    parts, step = start(gradient_accumulation_steps=accumulate, **changes)
    for number in range(2):
        assert step(number) == pytest.approx(whole_step(number), abs=1e-5)
    for variable, expected in zip(parts.variables, whole.variables, strict=True):
        np.testing.assert_allclose(variable, expected, atol=1e-5)


def test_batch_norm_sees_parts(start: Callable[..., tuple[TrainingState, Step]]) -> None:
    _, whole_step = start()
    _, step = start(gradient_accumulation_steps=4)
    losses, of_parts = whole_step(0), step(0)
    assert of_parts["image_g_loss"] != pytest.approx(losses["image_g_loss"], abs=1e-4)
    assert of_parts["image_g_loss"] == pytest.approx(losses["image_g_loss"], abs=0.2)


def test_a_batch_that_parts_cannot_share_is_refused(clip_shape: ClipShape) -> None:
    state = TrainingState(tiny(), clip_shape, 0)
    fitting = tiny(batch_size=6, gradient_accumulation_steps=3)
    TrainStep(fitting, state, tf.float32)
    unfit = fitting.model_copy(update={"gradient_accumulation_steps": 4})
    with pytest.raises(
        ValueError, match=r"batch_size=6 is no multiple of 1 devices times .*=4: .* of 4$"
    ):
        TrainStep(unfit, state, tf.float32)


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_float16_trains_as_float32_does(
    start: Callable[..., tuple[TrainingState, Step]], norm: str
) -> None:
    changes = {"discriminator_norm": norm, **(PENALTIES if norm == "none" else {})}
    changes["r1_interval"] = 2
    state, step = start(num_categories=2, dtype=tf.float16, **changes)
    _, exact_step = start(num_categories=2, **changes)
    for number in range(3):
        assert step(number) == pytest.approx(exact_step(number), abs=0.02)
    assert state.loss_scale.good_steps.numpy() == 3
    assert {variable.dtype for variable in state.trainable_variables} == {tf.float32}


@pytest.mark.parametrize("traced", [False, True])
def test_a_float16_step_that_overflows_moves_no_weight(
    start: Callable[..., tuple[TrainingState, Step]], traced: bool
) -> None:
    tf.config.run_functions_eagerly(not traced)
    state, step = start(dtype=tf.float16)
    step(0)
    state.loss_scale.scale.assign(2.0**40)
    weights = [*state.generator_variables, *state.discriminator_variables]
    before = [variable.numpy() for variable in weights]
    losses = step(1)
    assert all(math.isfinite(loss) for loss in losses.values())
    for variable, value in zip(weights, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert state.loss_scale.scale.numpy() == 2.0**39
    assert (state.step.numpy(), state.generator_optimizer.updates.numpy()) == (2, 1)
    state.loss_scale.scale.assign(2.0**15)
    step(2)
    assert state.generator_optimizer.updates.numpy() == 2
