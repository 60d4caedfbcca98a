from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.diagnostics.examination import Examination, gradient_norm
from mocogan.trainer.optimizer.adam import Adam
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]

pytestmark = pytest.mark.usefixtures("eagerly")


def test_what_real_clips_do_not_have_is_not_measured(clip_shape: ClipShape) -> None:
    """One still clip: no distance from another one, no motion, no neighbor."""
    still = {
        CLIP: tf.repeat(tf.repeat(_noise()[:1, :1], 4, 1), 2, 0),
        CATEGORY: tf.constant([0, 0]),
    }
    figures = Examination(tiny(), TrainingState(tiny(), clip_shape, 0), tf.float32)(still, {})
    assert not {
        "diversity_ratio",
        "rms_motion_ratio",
        "nearest_ratio",
        "flicker_real",
        "video_loss_ratio",
    } & set(figures)
    assert {"contrast_ratio", "video_roc_auc", "image_logit_gap", "generator_gradient"} <= set(
        figures
    )
    assert all(math.isfinite(figure) for figure in figures.values())


def _noise() -> tf.Tensor:
    values = tf.random.stateless_uniform([4, 4, 8, 8, 3], [0, 1], maxval=256, dtype=tf.int32)
    return tf.cast(values, tf.uint8)


@pytest.mark.parametrize(
    "changes",
    [{"discriminator_norm": "batch"}, {"architecture": "moving_parts"}, {"architecture": "seed"}],
    ids=str,
)
def test_looking_changes_nothing(
    clip_shape: ClipShape, batch: Batch, changes: dict[str, object]
) -> None:
    num_categories = 0 if changes.get("architecture") == "seed" else 2
    state = TrainingState(tiny(**changes), clip_shape, num_categories)
    before = [variable.numpy().tobytes() for variable in state.variables]
    figures = Examination(tiny(**changes), state, tf.float32)(batch, {})
    assert 0.0 <= figures["video_roc_auc"] <= 1.0
    assert ("image_roc_auc" in figures) == (state.image_discriminator is not None)
    assert [variable.numpy().tobytes() for variable in state.variables] == before


def test_it_looks_the_same_way_each_time_and_at_no_more_than_sixteen_clips(
    clip_shape: ClipShape, lively: Callable[..., TrainingState]
) -> None:
    examination = Examination(tiny(), lively(TrainingState(tiny(), clip_shape, 0)), tf.float32)
    clips = tf.concat([_noise()] * 5, axis=0)
    many = examination({CLIP: clips, CATEGORY: tf.zeros([20], tf.int64)}, {})
    assert many == examination({CLIP: clips[:16], CATEGORY: tf.zeros([16], tf.int64)}, {})


@pytest.mark.parametrize(
    ("loss", "guess"), [("relativistic", 0.6931), ("non_saturating", 1.3863), ("hinge", 2.0)]
)
def test_a_loss_is_measured_by_that_of_a_guess(
    clip_shape: ClipShape, batch: Batch, loss: str, guess: float
) -> None:
    state = TrainingState(tiny(adversarial=loss), clip_shape, 2)
    losses = {"video_d_loss": guess, "image_d_loss": 0.1 * guess, "d_loss": 1.0}
    figures = Examination(tiny(adversarial=loss), state, tf.float32)(batch, losses)
    assert figures["video_loss_ratio"] == pytest.approx(1.0, rel=1e-3)
    assert figures["image_loss_ratio"] == pytest.approx(0.1, rel=1e-3)


def test_a_sharp_discriminator_tells_all_apart(
    clip_shape: ClipShape,
    drawn: Callable[..., Batch],
    lively: Callable[..., TrainingState],
) -> None:
    """The generator's own clips cannot be told from its clips; white ones can, by a mean of the input."""
    config = tiny()
    state = lively(TrainingState(config, clip_shape, 0))
    assert state.image_discriminator is not None
    discriminators = (state.image_discriminator, state.video_discriminator)
    for variable in (v for d in discriminators for v in d.trainable_variables if len(v.shape) > 1):
        variable.assign(tf.ones_like(variable))
    examination = Examination(config, state, tf.float32)
    clips = tf.fill([4, *clip_shape], tf.constant(255, tf.uint8))
    white = {CLIP: clips, CATEGORY: tf.zeros([4], tf.int64)}
    figures = examination(white, {})
    assert (figures["video_roc_auc"], figures["image_roc_auc"]) == (1.0, 1.0)
    assert figures["video_logit_gap"] > 0
    own = examination(drawn(state, config.run.seed, SAMPLES), {})
    # But for the 8 of 64 pairs that are a clip and itself, rounded.
    assert own["video_roc_auc"] == pytest.approx(0.5, abs=4 / 64)


@pytest.mark.parametrize("name", ["image", "video"])
def test_a_projection_counts_the_output_for_the_class(
    clip_shape: ClipShape, batch: Batch, name: str
) -> None:
    config = tiny(architecture="moving_parts")
    state = TrainingState(config, clip_shape, 2)
    head = getattr(state, f"{name}_discriminator").network.head
    classes = head.kernel[..., 1:]
    head.kernel.assign(tf.concat([tf.zeros_like(head.kernel[..., :1]), classes], axis=-1))
    before = Examination(config, state, tf.float32)(batch, {})[f"{name}_logit_gap"]
    head.kernel.assign(tf.zeros_like(head.kernel))
    after = Examination(config, state, tf.float32)(batch, {})[f"{name}_logit_gap"]
    assert abs(before - after) > 1e-4


def test_the_gradient_norm_is_that_of_the_gradients() -> None:
    variable = tf.Variable([0.0, 0.0])
    adam = Adam([variable], learning_rate=0.1, betas=(0.5, 0.99))
    assert gradient_norm(adam, 0.99).numpy() == 0.0
    for _ in range(2):
        adam.apply([tf.constant([3.0, -4.0])])
        assert gradient_norm(adam, 0.99).numpy() == pytest.approx(5.0, rel=1e-4)
