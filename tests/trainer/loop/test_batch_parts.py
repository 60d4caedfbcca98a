from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.loop.batch_parts import BatchParts, Gradients
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import STEPS, TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
StartSteps = Callable[..., tuple[TrainingState, Callable[[int], dict[str, float]]]]


@pytest.fixture
def state(clip_shape: ClipShape) -> TrainingState:
    return TrainingState(tiny(architecture="seed"), clip_shape, 0)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_the_update_gets_the_mean_of_the_parts_and_the_whole_batch(
    state: TrainingState, batch: Batch, parts: int
) -> None:
    updates: list[tuple[list[float], list[int]]] = []

    def gradients(
        clips: tf.Tensor, categories: tf.Tensor, random: RandomStream, penalize: bool
    ) -> Gradients:
        mean = tf.reduce_mean(tf.cast(clips, tf.float32))
        drawn = tf.reduce_mean(random.normal([clips.shape[0]]))
        return Gradients(
            {"mean": mean, "drawn": drawn, "penalize": tf.cast(penalize, tf.float32)},
            [mean * tf.ones(variable.shape) for variable in state.generator_variables],
            [-mean * tf.ones(variable.shape) for variable in state.discriminator_variables],
        )

    def update(mean: Gradients, categories: tf.Tensor) -> None:
        firsts = [tf.reshape(side[0], [-1])[0] for side in (mean.generator, mean.discriminators)]
        tf.py_function(
            lambda *args: updates.append(tuple(arg.numpy().tolist() for arg in args)),
            [tf.stack(firsts), categories],
            [],
        )

    batch_parts = BatchParts(
        gradients, update, state=state, seed=7, batch_size=4, accumulation_steps=parts
    )
    expected = float(np.mean(batch[CLIP].numpy().astype(np.float32)))
    drawn = float(tf.reduce_mean(RandomStream(7, STEPS, 0).normal([4])))
    for penalize in (False, True):
        losses = batch_parts(batch[CLIP], batch[CATEGORY], penalize)
        assert losses["mean"].numpy() == pytest.approx(expected, rel=1e-5)
        assert losses["drawn"].numpy() == pytest.approx(drawn, rel=1e-5)
        assert losses["penalize"].numpy() == penalize
    # Sums begin anew after each update.
    assert len(updates) == 2
    for first, categories in updates:
        assert first == pytest.approx([expected, -expected], rel=1e-5)
        assert categories == [0, 1, 1, 1]


def test_each_kind_of_step_is_traced_once(state: TrainingState, batch: Batch) -> None:
    def gradients(
        clips: tf.Tensor, categories: tf.Tensor, random: RandomStream, penalize: bool
    ) -> Gradients:
        zeros = (
            [tf.zeros(v.shape) for v in side]
            for side in (state.generator_variables, state.discriminator_variables)
        )
        return Gradients({"loss": tf.constant(0.0)}, *zeros)

    def update(mean: Gradients, categories: tf.Tensor) -> None:
        state.step.assign_add(1)

    batch_parts = BatchParts(
        gradients, update, state=state, seed=7, batch_size=4, accumulation_steps=1
    )
    traces = []
    for penalize in (True, False, False, True):
        batch_parts(batch[CLIP], batch[CATEGORY], penalize)
        traces.append(batch_parts.traces)
    assert traces == [1, 2, 2, 2]
    assert state.step.numpy() == 4


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    ("parts", "options"),
    [
        (2, {"architecture": "seed", **PENALTIES}),
        pytest.param(
            4,
            {"architecture": "mocogan"},  # with noise in every layer
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            4,
            {"architecture": "seed", "diff_augment": ("color", "translation", "cutout")},
            marks=pytest.mark.exhaustive,
        ),
        (2, {"architecture": "seed", "discriminator_norm": "spectral"}),
    ],
    ids=str,
)
def test_parts_of_a_batch_do_what_the_whole_does(
    start_steps: StartSteps, parts: int, options: dict[str, object]
) -> None:
    options = {"r1_interval": 2, "discriminator_learning_rate": 1e-2, **options}
    whole, whole_step = start_steps(**options)
    in_parts, step = start_steps(gradient_accumulation_steps=parts, **options)
    if options["architecture"] == "mocogan":  # without the generator's batch norm, whose moments
        for state in (whole, in_parts):  # are those of a part
            for norm in state.generator.frames.norms:
                norm.scale.assign(tf.zeros_like(norm.scale))
    for number in range(2):
        assert step(number) == pytest.approx(whole_step(number), abs=1e-5)
    if options["architecture"] == "seed":
        for variable, expected in zip(in_parts.variables, whole.variables, strict=True):
            np.testing.assert_allclose(variable, expected, atol=1e-5)


@pytest.mark.usefixtures("eagerly")
def test_batch_norm_sees_parts(
    start_steps: StartSteps, lively: Callable[[TrainingState], TrainingState]
) -> None:
    losses = []
    for parts in (1, 4):
        state, step = start_steps(gradient_accumulation_steps=parts)
        lively(state)
        losses.append(step(0)["image_g_loss"])
    assert losses[0] != pytest.approx(losses[1], abs=1e-4)
    assert losses[0] == pytest.approx(losses[1], abs=0.2)


def test_a_batch_that_parts_cannot_share_is_refused(state: TrainingState) -> None:
    fitting = tiny(architecture="seed", batch_size=6, gradient_accumulation_steps=3)
    TrainStep(fitting, state, tf.float32)
    unfit = fitting.model_copy(
        update={"run": fitting.run.model_copy(update={"gradient_accumulation_steps": 4})}
    )
    with pytest.raises(
        ValueError,
        match=r"batch_size=6 must be a multiple of 4: 1 devices times .*=4$",
    ):
        TrainStep(unfit, state, tf.float32)
