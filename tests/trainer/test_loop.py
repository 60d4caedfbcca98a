from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from data.records import CLIP
from trainer.checkpoints import Checkpoints
from trainer.hyperparameters import HyperParameters
from trainer.logbook import TrainingDiverged
from trainer.loop import TrainingRecord, train
from trainer.training_state import TrainingState

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Train = Callable[..., tuple[TrainingState, TrainingRecord]]

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def start(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape, batch: Batch
) -> Train:
    """Trains a new state on one repeated batch, its folders `run` and `name` below tmp_path."""

    def run(
        name: str = "checkpoints",
        run_dir: str = str(tmp_path / "run"),
        data: Batch = batch,
        **changes: object,
    ) -> tuple[TrainingState, TrainingRecord]:
        hyperparameters = tiny(
            **{"log_every": 1, "sample_every": 2, "checkpoint_every": 2, **changes}
        )
        state = TrainingState(hyperparameters, clip_shape, 2)
        dataset = tf.data.Dataset.from_tensors(data).repeat()
        return state, train(hyperparameters, state, dataset, str(tmp_path / name), run_dir)

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


def test_it_leaves_samples_scalars_and_checkpoints(tmp_path: Path, start: Train) -> None:
    state, record = start(steps=3)
    assert record.steps == 3 == state.step.numpy()
    assert record.seconds > 0
    assert {"d_loss", "g_loss", "video_d_loss", "category_g_loss"} <= set(record.losses)
    assert logged(tmp_path / "run")["losses/d_loss"] == [1, 2, 3]
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.name for path in samples] == ["step-000002.gif", "step-000003.gif"]
    with Image.open(samples[0]) as image:
        assert image.n_frames == 4
        assert image.size == (4 * 8 + 3 * 2, 4 * 8 + 3 * 2)
    indices = {path.name for path in (tmp_path / "checkpoints").glob("*.index")}
    assert indices == {"ckpt-2.index", "ckpt-3.index"}


def test_a_training_that_goes_on_ends_as_one_that_never_stopped(start: Train) -> None:
    whole, _ = start("whole", steps=4)
    start("parts", steps=2)
    rest, record = start("parts", steps=4)
    assert record.steps == 2
    for one, other in zip(whole.variables, rest.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    nothing_left = start("parts", steps=3)
    assert nothing_left[1].steps == 0
    assert nothing_left[0].step.numpy() == 4


@pytest.mark.parametrize("log_every", [1, 50])
def test_a_loss_that_is_no_number_stops_it_before_a_checkpoint(
    tmp_path: Path, start: Train, batch: Batch, log_every: int
) -> None:
    spoilt = batch | {CLIP: batch[CLIP] * float("nan")}
    message = r"video_d_loss is nan at step \d: lower trainer.generator_learning_rate"
    with pytest.raises(TrainingDiverged, match=message):
        start(data=spoilt, log_every=log_every)
    assert list((tmp_path / "checkpoints").glob("*.index")) == []


def test_checkpoints_of_other_networks_are_refused_before_training(
    tmp_path: Path, start: Train, tiny: Callable[..., HyperParameters], clip_shape: ClipShape
) -> None:
    Checkpoints(TrainingState(tiny(width=8), clip_shape, 2), str(tmp_path / "other")).save()
    with pytest.raises(ValueError, match="other networks"):
        start("other")


def test_a_data_set_that_ends_is_refused(
    tmp_path: Path, tiny: Callable[..., HyperParameters], clip_shape: ClipShape, batch: Batch
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat(2)
    state = TrainingState(tiny(), clip_shape, 2)
    with pytest.raises(ValueError, match="ended after 2 batches: let it repeat"):
        train(tiny(steps=3), state, dataset, str(tmp_path / "a"), str(tmp_path / "b"))


def test_samples_and_scalars_go_to_any_file_system(start: Train) -> None:
    start(run_dir="ram://loop/run", steps=1)
    names = tf.io.gfile.listdir("ram://loop/run")
    assert any("tfevents" in name for name in names)
    with tf.io.gfile.GFile("ram://loop/run/samples/step-000001.gif", "rb") as file:
        assert Image.open(io.BytesIO(file.read())).n_frames == 4
