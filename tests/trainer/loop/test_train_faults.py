"""How a training ends, or goes on, when something goes wrong."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.errors import (
    DataUnreadable,
    NotWritten,
    TrainingDiverged,
    TrainingStopped,
)
from mocogan.trainer.loop.train import BatchesFrom, TrainingRecord, train
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Train = Callable[..., tuple[TrainingState, TrainingRecord]]
Fault = Callable[[TrainingState], None]

NO_FAULTS: Mapping[int, Fault] = {}

pytestmark = pytest.mark.usefixtures("eagerly")


def spoil_average(state: TrainingState) -> None:
    """A weight turns NaN that no loss depends on."""
    weight = state.ema_generator.variables[0]
    weight.assign(tf.fill(weight.shape, np.nan))


def raise_losses(state: TrainingState) -> None:
    """Losses turn huge, but stay finite."""
    kernel = state.video_discriminator.head.kernel
    kernel.assign(1e9 * kernel)


def train_below(
    folder: Path, config: TrainerConfig, state: TrainingState, batches_from: BatchesFrom
) -> TrainingRecord:
    return train(
        config,
        state,
        batches_from,
        checkpoint_dir=str(folder / "kept"),
        log_dir=str(folder / "run"),
    )


def saved_steps(folder: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("step-")) for path in folder.glob("*.npz"))


@pytest.mark.parametrize("log_interval", [1, pytest.param(50, marks=pytest.mark.exhaustive)])
def test_losses_that_stay_too_high_stop_it_at_the_last_good_state(
    tmp_path: Path, start: Train, log_interval: int
) -> None:
    start(steps=2)
    message = r"video_[dg]_loss is .* at step 4\. .* after 3 rollbacks.* checkpoint is step 2 in "
    with pytest.raises(TrainingDiverged, match=message):
        start(steps=5, faults={3: raise_losses}, always=True, log_interval=log_interval)
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]
    state, _ = start(steps=3)
    assert state.step.numpy() == 3


def test_a_training_that_diverges_once_goes_on_with_half_the_learning_rates(
    start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    state, record = start(steps=6, faults={3: raise_losses})
    assert state.rollbacks.numpy() == 1
    assert [rate.numpy() for rate in state.learning_rates] == pytest.approx([2e-4, 1e-4])
    assert record.steps == 3 + 4  # 0 to 2, and after the rollback 2 to 5
    assert all(np.isfinite(variable).all() for variable in state.variables)
    said = capsys.readouterr().err
    assert "Returning to step 2 with learning rates 0.0002 and 0.0001 (rollback 1 of 3)" in said


def test_rollbacks_are_counted_over_all_runs(tmp_path: Path, start: Train) -> None:
    state, _ = start(steps=4, faults={1: raise_losses, 2: spoil_average})
    assert state.rollbacks.numpy() == 2
    state, _ = start(steps=8, faults={5: spoil_average})
    assert state.rollbacks.numpy() == 3
    assert [rate.numpy() for rate in state.learning_rates] == pytest.approx([5e-5, 2.5e-5])
    with pytest.raises(TrainingDiverged, match="after 3 rollbacks"):
        start(steps=12, faults={9: spoil_average})


def test_a_learning_rate_that_stays_too_high_ends_it_with_an_explanation(start: Train) -> None:
    rates = {"generator_learning_rate": 100.0, "discriminator_learning_rate": 100.0}
    message = (
        r"loss is .* at step \d+\. Training still diverges after 3 rollbacks, with learning rates 12 and 12: lower "
        r"trainer.optimizer.generator_learning_rate .* good checkpoint is step 0"
    )
    with pytest.raises(TrainingDiverged, match=message):
        start(steps=50, interval=100, **rates)


def test_a_weight_that_turns_nan_in_the_last_step_is_seen(start: Train) -> None:
    with pytest.raises(TrainingDiverged, match="weights contain NaN or Inf after step 3"):
        start(steps=3, faults={2: spoil_average}, always=True)


def test_a_rollback_from_the_last_step_does_not_end_it(start: Train) -> None:
    state, record = start(steps=3, faults={2: spoil_average})
    assert (state.step.numpy(), state.rollbacks.numpy(), record.steps) == (3, 1, 3)


def test_a_data_file_that_vanishes_ends_it_with_its_name_and_nothing_is_lost(
    tmp_path: Path, clip_shape: ClipShape, batch: Batch
) -> None:
    gone = str(tmp_path / "gone.gz")

    def batches_from(step: int) -> tf.data.Dataset:
        whole = tf.data.Dataset.from_tensors(batch).repeat(3)
        lost = tf.data.TFRecordDataset(gone, "GZIP").map(lambda record: batch)
        return whole.concatenate(lost)

    config = tiny(steps=9, interval=100)
    state = TrainingState(config, clip_shape, 2)
    with pytest.raises(
        DataUnreadable, match=r"cannot .*gone.gz.*\. Step 3 is saved\. Run the same"
    ):
        train_below(tmp_path, config, state, batches_from)
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
        train_below(tmp_path, config, state, batches_from)
    step = int(state.step.numpy())
    assert saved_steps(tmp_path / "kept") == [0, step]
    assert step < 10
    said = f"stopped by {number.name}. Step {step} is saved. Run the same command again to resume"
    assert said in str(stopped.value) + capsys.readouterr().err
    assert signal.getsignal(number) is before


def test_a_full_disk_ends_it_and_a_run_with_space_goes_on(
    tmp_path: Path, start: Train, full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    start(steps=2, architecture="mocogan")  # of more than 64 KiB
    message = (
        r"cannot write .*4.npz: .*File too large\. The last good checkpoint is .*2.npz\. Free some"
    )
    with full_disk(), pytest.raises(NotWritten, match=message):
        start(steps=6, architecture="mocogan")
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]
    _, record = start(steps=6, architecture="mocogan")
    assert record.steps == 4


def test_samples_that_cannot_be_written_end_it_after_the_checkpoint(
    tmp_path: Path, start: Train
) -> None:
    samples = tmp_path / "run" / "samples"

    def replace_folder(state: TrainingState) -> None:
        samples.rename(tmp_path / "moved")
        samples.write_text("a file, where a folder should be")

    message = r"cannot write training output: .*samples.*\. Step 2 is saved"
    with pytest.raises(NotWritten, match=message):
        start(steps=3, faults={1: replace_folder})
    assert saved_steps(tmp_path / "checkpoints") == [0, 2]


def test_checkpoints_of_other_networks_are_refused_before_training(
    tmp_path: Path, start: Train, clip_shape: ClipShape
) -> None:
    CheckpointManager(
        TrainingState(tiny(base_channels=8), clip_shape, 2), str(tmp_path / "other"), 1
    ).save({}, None)
    with pytest.raises(ValueError, match="other networks"):
        start("other")


def test_a_data_set_that_ends_is_refused(
    tmp_path: Path, clip_shape: ClipShape, batch: Batch
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat(2)
    state = TrainingState(tiny(), clip_shape, 2)
    with pytest.raises(ValueError, match="ended before the training: make it endless"):
        train_below(tmp_path, tiny(steps=3), state, lambda step: dataset)
