from __future__ import annotations

import io
import itertools
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.errors import (
    DataUnreadable,
    NotWritten,
    TrainingDiverged,
    TrainingStopped,
)
from mocogan.trainer.loop.train import TrainingRecord, train
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Train = Callable[..., tuple[TrainingState, TrainingRecord]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def start(tmp_path: Path, clip_shape: ClipShape, batch: Batch) -> Train:
    """Trains a new state on one repeated batch, its folders `run` and `name` below tmp_path."""

    def run(
        name: str = "checkpoints",
        run_dir: str = str(tmp_path / "run"),
        **changes: object,
    ) -> tuple[TrainingState, TrainingRecord]:
        config = tiny(**{"log_interval": 1, "sample_interval": 2, "interval": 2, **changes})
        state = TrainingState(config, clip_shape, 2)
        dataset = tf.data.Dataset.from_tensors(batch).repeat()
        folder = str(tmp_path / name)
        return state, train(config, state, lambda step: dataset, folder, run_dir)

    return run


def logged(folder: Path) -> dict[str, list[int]]:
    """Tags of the TensorBoard event files -> their steps."""
    steps: dict[str, list[int]] = {}
    files = [str(path) for path in folder.glob("events.out.tfevents.*")]
    for record in tf.data.TFRecordDataset(files).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            steps.setdefault(value.tag, []).append(event.step)
    return steps


def saved_steps(folder: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("step-")) for path in folder.glob("*.npz"))


def test_it_leaves_samples_scalars_and_checkpoints(tmp_path: Path, start: Train) -> None:
    state, record = start(steps=3)
    assert record.steps == 3 == state.step.numpy()
    assert record.seconds > 0
    assert {"d_loss", "g_loss", "video_d_loss", "category_g_loss"} <= set(record.losses)
    assert record.sample_distance is not None
    assert logged(tmp_path / "run")["losses/d_loss"] == [1, 2, 3]
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.name for path in samples] == ["step-000002.gif", "step-000003.gif"]
    with Image.open(samples[0]) as image:
        assert image.n_frames == 4
        assert image.size == (4 * 8 + 3 * 2, 4 * 8 + 3 * 2)
    assert saved_steps(tmp_path / "checkpoints") == [0, 2, 3]


def test_a_training_that_goes_on_ends_as_one_that_never_stopped(start: Train) -> None:
    whole, _ = start("whole", steps=4)
    start("parts", steps=2)
    rest, record = start("parts", steps=4)
    assert record.steps == 2
    for one, other in zip(whole.variables, rest.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    nothing_left = start("parts", steps=3)
    assert nothing_left[1].steps == 0
    assert nothing_left[1].losses == record.losses
    assert nothing_left[1].seconds > record.seconds / 2  # of both parts together
    assert nothing_left[0].step.numpy() == 4


def test_minutes_end_it_in_good_order_and_more_minutes_go_on(
    tmp_path: Path, start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, _ = start("whole", steps=3)
    _, record = start("parts", run_dir=str(tmp_path / "first"), steps=3, max_minutes=1e-6)
    assert record.steps == 1
    assert "trainer.max_minutes=1e-06 are over after step 1" in capsys.readouterr().err
    assert saved_steps(tmp_path / "parts") == [0, 1]
    assert (tmp_path / "first" / "samples" / "step-000001.gif").exists()
    assert logged(tmp_path / "first")["losses/d_loss"] == [1]
    used_up, record = start("parts", steps=3, max_minutes=1e-6)
    assert (record.steps, used_up.step.numpy()) == (0, 1)
    rest, record = start("parts", steps=3, max_minutes=60.0)
    assert record.steps == 2
    said = capsys.readouterr().err
    assert "2 are left to trainer.steps=3; 0.0 of trainer.max_minutes=60 are used up" in said
    for one, other in zip(whole.variables, rest.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("log_interval", [1, 50])
def test_losses_that_stay_too_high_stop_it_at_the_last_good_state(
    tmp_path: Path, start: Train, log_interval: int
) -> None:
    start(steps=2)
    message = r"video_d_loss is .* at step \d, after 3 rollbacks .* that of step 2 in "
    with pytest.raises(TrainingDiverged, match=message):
        start(steps=5, max_loss=1e-9, log_interval=log_interval)
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]
    state, _ = start(steps=3)
    assert state.step.numpy() == 3


def test_a_learning_rate_that_is_far_too_high_is_lowered_and_the_training_goes_on(
    start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = {"generator_learning_rate": 10.0, "discriminator_learning_rate": 10.0}
    state, record = start(steps=6, **rates, rollback_factor=1e-4)
    assert state.rollbacks.numpy() == 1
    assert [rate.numpy() for rate in state.learning_rates] == pytest.approx([1e-3, 1e-3])
    assert record.steps > 6
    assert all(np.isfinite(variable).all() for variable in state.variables)
    said = capsys.readouterr().err
    assert "back to step 0 with learning rates 0.001 and 0.001 (rollback 1 of 3)" in said


def test_a_learning_rate_that_stays_too_high_ends_it_with_an_explanation(start: Train) -> None:
    rates = {"generator_learning_rate": 10.0, "discriminator_learning_rate": 10.0}
    message = (
        r"loss is .* at step \d+, after 2 rollbacks \(trainer.max_rollbacks\) with learning rates "
        r"down to 9.8 and 9.8: lower trainer.generator_learning_rate .* good state is that of step 0"
    )
    with pytest.raises(TrainingDiverged, match=message):
        start(steps=50, **rates, rollback_factor=0.99, max_rollbacks=2)


def test_a_weight_that_turns_nan_in_the_last_step_is_seen(
    start: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = TrainStep._step

    def spoil(self: TrainStep, *arguments: object) -> object:
        losses = steps(self, *arguments)
        self._state.generator_variables[0].assign_add(
            tf.where(self._state.step == 3, np.nan, 0.0)
            * tf.ones_like(self._state.generator_variables[0])
        )
        return losses

    monkeypatch.setattr(TrainStep, "_step", spoil)
    with pytest.raises(TrainingDiverged, match="a weight is no finite number after step 3"):
        start(steps=3, max_rollbacks=0)


def test_a_rollback_from_the_last_step_does_not_end_it(
    start: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = TrainStep._step
    spoilt = []

    def spoil_once(self: TrainStep, *arguments: object) -> object:
        losses = steps(self, *arguments)
        if self._state.step == 3 and not spoilt:
            weight = self._state.generator_variables[0]
            spoilt.append(weight.assign(np.nan * tf.ones_like(weight)))
        return losses

    monkeypatch.setattr(TrainStep, "_step", spoil_once)
    state, record = start(steps=3)
    assert (state.step.numpy(), state.rollbacks.numpy(), record.steps) == (3, 1, 3)


def test_a_data_file_that_vanishes_ends_it_with_its_name_and_nothing_is_lost(
    tmp_path: Path, start: Train, clip_shape: ClipShape, batch
) -> None:
    gone = str(tmp_path / "gone.gz")

    def batches_from(step: int) -> tf.data.Dataset:
        whole = tf.data.Dataset.from_tensors(batch).repeat(3)
        lost = tf.data.TFRecordDataset(gone, "GZIP").map(lambda record: batch)
        return whole.concatenate(lost)

    config = tiny(steps=9, interval=100)
    state = TrainingState(config, clip_shape, 2)
    with pytest.raises(DataUnreadable, match=r"cannot .*gone.gz.*\. Step 3 is saved: run again"):
        train(config, state, batches_from, str(tmp_path / "kept"), str(tmp_path / "run"))
    assert saved_steps(tmp_path / "kept") == [0, 3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_the_step_it_came_in(
    tmp_path: Path,
    clip_shape: ClipShape,
    batch: Batch,
    number: signal.Signals,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def batches() -> Iterator[Batch]:
        for step in itertools.count():
            if step == 3:
                signal.raise_signal(number)
            yield batch

    def batches_from(step: int) -> tf.data.Dataset:
        kinds = {name: tf.TensorSpec.from_tensor(tensor) for name, tensor in batch.items()}
        return tf.data.Dataset.from_generator(batches, output_signature=kinds)

    before = signal.getsignal(number)
    config = tiny(steps=50, interval=100)
    state = TrainingState(config, clip_shape, 2)
    expected = TrainingStopped if number == signal.SIGTERM else KeyboardInterrupt
    with pytest.raises(expected) as stopped:
        train(config, state, batches_from, str(tmp_path / "kept"), str(tmp_path / "run"))
    step = int(state.step.numpy())
    assert saved_steps(tmp_path / "kept") == [0, step]
    assert step < 10
    said = f"stopped by {number.name}. Step {step} is saved: run again to go on from there"
    assert said in str(stopped.value) + capsys.readouterr().err
    assert signal.getsignal(number) is before


def test_a_full_disk_ends_it_and_a_run_with_space_goes_on(
    tmp_path: Path, start: Train, full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    start(steps=2)
    message = r"cannot write .*4.npz: .*File too large; the last good state is .*2.npz\. Free some"
    with full_disk(), pytest.raises(NotWritten, match=message):
        start(steps=6)
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]
    _, record = start(steps=6)
    assert record.steps == 4


def test_samples_that_cannot_be_written_end_it_after_the_checkpoint(
    tmp_path: Path, start: Train
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "samples").write_text("a file, where a folder should be")
    with pytest.raises(NotWritten, match=r"samples.*\. Step 2 is saved"):
        start(steps=3)
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]


def test_other_code_may_go_on_with_a_warning(
    tmp_path: Path,
    clip_shape: ClipShape,
    batch: Batch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat()
    folders = str(tmp_path / "kept"), str(tmp_path / "run")
    for code, warnings in (("one", 0), ("one", 0), ("two", 1)):
        state = TrainingState(tiny(), clip_shape, 2)
        train(tiny(steps=1), state, lambda step: dataset, *folders, code=code)
        said = capsys.readouterr().err
        assert said.count(f"other code made them; to start over, delete {folders[0]}") == warnings


def test_checkpoints_of_other_networks_are_refused_before_training(
    tmp_path: Path, start: Train, clip_shape: ClipShape
) -> None:
    CheckpointManager(
        TrainingState(tiny(base_channels=8), clip_shape, 2), str(tmp_path / "other"), 1
    ).save({})
    with pytest.raises(ValueError, match="other networks"):
        start("other")


def test_a_data_set_that_ends_is_refused(
    tmp_path: Path, clip_shape: ClipShape, batch: Batch
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat(2)
    state = TrainingState(tiny(), clip_shape, 2)
    with pytest.raises(ValueError, match="ended before the training: let it repeat"):
        train(tiny(steps=3), state, lambda step: dataset, str(tmp_path / "a"), str(tmp_path / "b"))


def test_samples_and_scalars_go_to_any_file_system(start: Train) -> None:
    start(run_dir="ram://loop/run", steps=1)
    names = tf.io.gfile.listdir("ram://loop/run")
    assert any("tfevents" in name for name in names)
    with tf.io.gfile.GFile("ram://loop/run/samples/step-000001.gif", "rb") as file:
        assert Image.open(io.BytesIO(file.read())).n_frames == 4
