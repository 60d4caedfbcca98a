"""What the doctor says of figures made by hand, and of real trainings that were made to fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.diagnostics.doctor import Doctor
from mocogan.trainer.loop.train import train
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Lively = Callable[[TrainingState], TrainingState]
Drawn = Callable[..., Batch]

COLLAPSED = {
    "diversity_ratio": 0.02,
    "rms_motion_ratio": 1.0,
    "contrast_ratio": 1.0,
    "video_loss_ratio": 0.07,
}
FINE = {
    "diversity_ratio": 1.0,
    "rms_motion_ratio": 1.0,
    "contrast_ratio": 1.0,
    "video_loss_ratio": 0.6,
}
AUGMENT = "try trainer.loss.diff_augment=[color,translation,cutout]"
COLLAPSE = (
    f"mode collapse is likely: distance between samples is 0.02x that of real clips; {AUGMENT}"
)
LATE = 5000  # steps: past all patience
STEPS = 2  # a verdict is believed when it is seen twice
STILL = {"generator_learning_rate": 1e-30, "discriminator_learning_rate": 1e-30}

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def doctor(clip_shape: ClipShape) -> Doctor:
    given = tiny(**PENALTIES)
    return Doctor(given, TrainingState(given, clip_shape, 0), tf.float32)


def test_it_believes_what_it_sees_twice_and_says_it_once(
    doctor: Doctor, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for number, figures in enumerate(
        [COLLAPSED, FINE, COLLAPSED, COLLAPSED, COLLAPSED, FINE, COLLAPSED, FINE, FINE, COLLAPSED]
    ):
        doctor.diagnose(LATE + number, figures)
        said.append((doctor.verdict, capsys.readouterr().err.strip()))
    once = f"seen once: {COLLAPSE}"
    assert said == [
        (once, ""),
        ("healthy", ""),
        (once, ""),
        (COLLAPSE, f"MoCoGanTrainer: step {LATE + 3}: {COLLAPSE}"),
        (COLLAPSE, ""),
        (COLLAPSE, ""),
        (COLLAPSE, ""),
        (COLLAPSE, ""),
        ("healthy", f"MoCoGanTrainer: step {LATE + 8}: collapse is no longer detected"),
        (once, ""),
    ]


def test_it_says_nothing_in_the_first_steps(
    doctor: Doctor, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in (100, 200):
        doctor.diagnose(step, COLLAPSED)
        assert doctor.verdict == f"early: {step} steps are too few for a diagnosis"
    doctor.diagnose(300, COLLAPSED)
    assert doctor.verdict == f"seen once: {COLLAPSE}"
    assert capsys.readouterr().err == ""


def test_samples_may_be_poor_for_long_while_the_discriminators_are_balanced(
    doctor: Doctor, capsys: pytest.CaptureFixture[str]
) -> None:
    poor = COLLAPSED | {"video_loss_ratio": 0.6, "nearest_ratio": 1.0}
    for step in (400, 500, 1900):
        doctor.diagnose(step, poor)
        assert doctor.verdict == (
            "early: mode collapse is likely: distance between samples is 0.02x that of real clips. "
            "The discriminators are balanced, so keep training"
        )
    doctor.diagnose(1950, poor | {"nearest_ratio": 0.0})
    assert doctor.verdict.startswith("seen once: clips of the batch are memorized")
    assert capsys.readouterr().err == ""
    for step in (2000, 2100):
        doctor.diagnose(step, poor)
    assert doctor.verdict == COLLAPSE


def test_it_goes_on_from_what_a_checkpoint_keeps(
    doctor: Doctor, clip_shape: ClipShape, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor.diagnose(LATE, COLLAPSED)
    given = tiny(**PENALTIES)
    other = Doctor(given, TrainingState(given, clip_shape, 0), tf.float32)
    assert other.verdict == "not examined"
    other.restore(doctor.as_json())
    assert (other.verdict, other.metrics) == (f"seen once: {COLLAPSE}", COLLAPSED)
    other.diagnose(LATE + 100, COLLAPSED)
    assert other.verdict == COLLAPSE
    assert capsys.readouterr().err.count(COLLAPSE) == 1


class Patient:
    """A training that is 5000 steps old, with a lively generator, and real clips of other latents of the same one."""

    def __init__(
        self,
        folder: Path,
        clip_shape: ClipShape,
        lively: Lively,
        drawn: Drawn,
        changes: dict[str, object],
    ) -> None:
        self._folder = folder
        given = {
            "architecture": "palette",
            "seed": 2,
            "steps": LATE + 4,
            "log_interval": 1,
            "batch_size": 8,
            "dim_z_content": 12,
        }
        self.config = tiny(**{**PENALTIES, **given, **changes})
        self.state = lively(TrainingState(self.config, clip_shape, 2))
        self.state.step.assign(LATE)
        self.batch = drawn(self.state, 99)

    @property
    def generators(self) -> tuple[tf.Module, ...]:
        return self.state.generator, self.state.ema_generator

    def verdict(self) -> str:
        dataset = tf.data.Dataset.from_tensors(self.batch).repeat()
        record = train(
            self.config,
            self.state,
            lambda step: dataset,
            checkpoint_dir=str(self._folder / "checkpoints"),
            log_dir=str(self._folder / "run"),
        )
        return record.verdict


@pytest.fixture
def patient(
    tmp_path: Path, clip_shape: ClipShape, lively: Lively, drawn: Drawn
) -> Callable[..., Patient]:
    return lambda **changes: Patient(tmp_path, clip_shape, lively, drawn, changes)


def test_it_is_silent_about_a_healthy_training(
    patient: Callable[..., Patient], capsys: pytest.CaptureFixture[str]
) -> None:
    assert patient().verdict() == "healthy"
    assert "try trainer" not in capsys.readouterr().err


def test_discriminators_that_win_are_named(
    patient: Callable[..., Patient], batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = {"generator_learning_rate": 1e-30, "discriminator_learning_rate": 0.03}
    without = {"r1_gamma": 0.0, "r2_gamma": 0.0, "instance_noise": 0.0}
    ill = patient(**rates, **without, steps=LATE + 8)
    ill.batch = {name: tf.concat([tensor, tensor], 0) for name, tensor in batch.items()}
    verdict = ill.verdict()
    assert "discriminator has won: ROC AUC 1.00, logit gap" in verdict
    assert "; try trainer.optimizer.generator_learning_rate=0.002" in verdict
    assert capsys.readouterr().err.count("discriminator has won") == 1


def test_samples_that_are_all_alike_are_a_collapse(patient: Callable[..., Patient]) -> None:
    ill = patient(**STILL, adversarial="non_saturating")
    for generator in ill.generators:
        generator.frames.project.kernel.assign(tf.zeros_like(generator.frames.project.kernel))
        generator.frames.norms[0].offset.assign([1.0, -1.0, 2.0, 0.5])
    verdict = ill.verdict()
    assert (
        "mode collapse is likely: distance between samples is 0x that of real clips; "
        "try trainer.loss.adversarial=" in verdict
    )
    assert "motion is frozen" in verdict


def test_a_generator_without_motion_is_frozen(patient: Callable[..., Patient]) -> None:
    ill = patient(**STILL)
    for generator in ill.generators:
        content = tf.constant([[1.0]] * 12 + [[0.0]] * 3)  # z_motion comes last
        generator.frames.project.kernel.assign(content * generator.frames.project.kernel)
    assert re.fullmatch(  # rounding may differ between frames
        r"motion is frozen: change between frames is (0|[\d.]+e-0[5-9])x that of real clips; "
        r"try trainer.model.frame_difference=true",
        ill.verdict(),
    )


@pytest.mark.exhaustive
def test_frames_that_know_nothing_of_each_other_flicker(patient: Callable[..., Patient]) -> None:
    ill = patient(**STILL, ema_decay=0.9)
    for generator in ill.generators:
        gru = generator.motion.gru
        gru.inputs_projection.kernel.assign(3.0 * gru.inputs_projection.kernel)
        gru.state_projection.kernel.assign(tf.zeros_like(gru.state_projection.kernel))
        gru.state_projection.bias.assign([0.0] * 3 + [-30.0] * 3 + [0.0] * 3)  # keeps no state
    verdict = ill.verdict()
    assert verdict.startswith("samples flicker: each frame undoes 0.")
    assert verdict.endswith("; try trainer.optimizer.ema_decay=0.995")


@pytest.mark.exhaustive
def test_a_generator_that_makes_the_batch_has_memorized_it(
    patient: Callable[..., Patient], drawn: Drawn
) -> None:
    ill = patient(**STILL, instance_noise=0.0)
    ill.batch = drawn(ill.state, ill.config.run.seed, SAMPLES)
    verdict = ill.verdict()
    assert verdict.startswith(
        "clips of the batch are memorized: distance to the nearest real clip is 0.0"
    )
    assert verdict.endswith(f"; {AUGMENT}")


@pytest.mark.exhaustive
def test_a_generator_that_is_stuck_at_black_is_named_with_its_gradient(
    patient: Callable[..., Patient],
) -> None:
    ill = patient(r1_gamma=0.5, r2_gamma=0.5)
    for generator in ill.generators:
        generator.frames.norms[-1].offset.assign([1000.0] * 4)
        kernel = generator.frames.upsamplings[-1].kernel
        kernel.assign(-tf.ones_like(kernel))
    verdict = ill.verdict()
    assert "the generator gets no gradient: typical norm 0; try trainer." in verdict
    assert (
        "samples are black: contrast is 0x that of real clips; try trainer.loss.r1_gamma=1 and"
        in verdict
    )
    assert "collapse" not in verdict


@pytest.mark.exhaustive
def test_an_average_that_does_not_follow_is_named(patient: Callable[..., Patient]) -> None:
    ill = patient(ema_decay=0.9999)
    kernel = ill.state.ema_generator.frames.project.kernel
    kernel.assign(tf.zeros_like(kernel))
    verdict = ill.verdict()
    assert "the EMA generator lags behind: contrast is 0" in verdict
    assert verdict.endswith("x without averaging; try trainer.optimizer.ema_decay=0.999")


def test_gradients_that_explode_are_named(patient: Callable[..., Patient]) -> None:
    ill = patient(r1_interval=LATE - 1)  # no penalty in these steps: it would be beyond the limit
    for variable in ill.state.video_discriminator.trainable_variables:
        variable.assign(15.0 * variable)
    verdict = ill.verdict()
    assert verdict.startswith("generator gradients explode: typical norm ")
    assert "; try trainer.model.discriminator_norm=spectral" in verdict


def test_the_verdict_is_shown_and_survives_a_run_that_does_nothing(
    tmp_path: Path, patient: Callable[..., Patient]
) -> None:
    assert patient().verdict() == "healthy"
    texts = [
        (event.step, value.tag, value.tensor.string_val[0])
        for path in (tmp_path / "run").glob("events.out.tfevents.*")
        for event in _events(path)
        for value in event.summary.value
        if value.tag == "4 diagnostics/verdict"
    ]
    assert texts == [(LATE + 1, "4 diagnostics/verdict", b"healthy")]
    again = patient()
    assert again.verdict() == "healthy"
    assert again.state.step.numpy() == LATE + 4


def test_how_often_it_looks_changes_no_weight(
    tmp_path: Path, clip_shape: ClipShape, batch: Batch
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat()
    states = []
    for every in (1, 100):
        config = tiny(log_interval=every, discriminator_norm="batch", deterministic=False)
        states.append(TrainingState(config, clip_shape, 2))
        folder = str(tmp_path / str(every))
        train(
            config,
            states[-1],
            lambda step: dataset,
            checkpoint_dir=folder,
            log_dir=f"{folder}/run",
        )
    for one, other in zip(states[0].variables, states[1].variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def _events(path: Path) -> list[tf.compat.v1.Event]:
    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    return [tf.compat.v1.Event.FromString(record) for record in records]
