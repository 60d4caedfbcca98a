from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CLIP
from mocogan.trainer.checkpoints.checkpoint_file import read_checkpoint, write_checkpoint
from mocogan.trainer.loop.train import TrainingRecord, train
from mocogan.trainer.state import TrainingState
from tests.support.tensorboard_events import steps_by_tag
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Train = Callable[..., tuple[TrainingState, TrainingRecord]]
Fault = Callable[[TrainingState], None]

NO_FAULTS: Mapping[int, Fault] = {}

pytestmark = pytest.mark.usefixtures("eagerly")


def saved_steps(folder: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("step-")) for path in folder.glob("*.npz"))


def test_it_leaves_samples_scalars_and_checkpoints(tmp_path: Path, start: Train) -> None:
    state, record = start(steps=3, architecture="mocogan")
    assert record.steps == 3 == state.step.numpy()
    assert record.metrics.seconds > 0
    assert {"d_loss", "g_loss", "video_d_loss", "category_g_loss"} <= set(record.metrics.losses)
    assert record.metrics.sample_distance is not None
    shown = steps_by_tag(tmp_path / "run")
    assert shown["3 losses/d_loss"] == [1, 2, 3]
    assert shown["1 samples/generated"] == [0, 2, 3]
    assert shown["1 samples/real"] == [0]
    samples = sorted((tmp_path / "run" / "samples").glob("*.gif"))
    steps = ["step-000000", "step-000002", "step-000003"]
    assert [path.stem for path in samples] == ["real", *steps]
    assert all(path.with_suffix(".png").exists() for path in samples)
    with Image.open(samples[1]) as image:
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
    assert nothing_left[1].metrics.losses == record.metrics.losses
    assert nothing_left[1].metrics.seconds > record.metrics.seconds / 2  # of both parts together
    assert nothing_left[0].step.numpy() == 4


def pixel_moments(state: TrainingState) -> np.ndarray:
    layer = state.image_discriminator.standardization
    return np.stack([layer.mean, layer.stddev])


def test_the_pixels_of_the_data_are_measured_before_the_first_step(
    tmp_path: Path, start: Train, batch: Batch
) -> None:
    pixels = to_float(batch[CLIP]).numpy().reshape(-1, 3)
    expected = np.stack([pixels.mean(axis=0), pixels.std(axis=0)])
    state, _ = start(architecture="moving_parts", steps=1)
    np.testing.assert_allclose(pixel_moments(state), expected, atol=1e-5)
    # A kill can come between the first checkpoint and the measurement.
    folder = tmp_path / "checkpoints"
    first, second = sorted(folder.glob("*.npz"))
    second.unlink()
    saved = read_checkpoint(str(first))
    for name in ("mean", "stddev"):
        moment = saved.arrays[f"image_discriminator/standardization/{name}"]
        np.testing.assert_allclose(moment, getattr(state.image_discriminator.standardization, name))
        moment[:] = 1
    write_checkpoint(str(first), *saved)
    state, record = start(architecture="moving_parts", steps=1)
    assert record.steps == 1
    np.testing.assert_allclose(pixel_moments(state), expected, atol=1e-5)


def test_minutes_end_it_in_good_order_and_more_minutes_go_on(
    tmp_path: Path, start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, _ = start("whole", steps=3)
    _, record = start("parts", log_dir=str(tmp_path / "first"), steps=3, max_minutes=1e-6)
    assert record.steps == 1
    assert "stopped at step 1: trainer.run.max_minutes=1e-06 reached" in capsys.readouterr().err
    assert saved_steps(tmp_path / "parts") == [0, 1]
    assert (tmp_path / "first" / "samples" / "step-000001.gif").exists()
    assert steps_by_tag(tmp_path / "first")["3 losses/d_loss"] == [1]
    used_up, record = start("parts", steps=3, max_minutes=1e-6)
    assert (record.steps, used_up.step.numpy()) == (0, 1)
    rest, record = start("parts", steps=3, max_minutes=60.0)
    assert record.steps == 2
    said = capsys.readouterr().err
    used = r"resuming at step 1 of trainer.run.steps=3, \d\.\d minutes of trainer.run.max_minutes=60 used"
    assert re.search(used, said)
    for one, other in zip(whole.variables, rest.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_learning_rates_follow_the_share_of_the_steps(tmp_path: Path, start: Train) -> None:
    state, _ = start(steps=4, decay_half_life=0.5)
    assert state.progress.numpy() == 0.75  # of the last step, number 3 of 0 to 3
    saved = read_checkpoint(str(tmp_path / "checkpoints" / "step-00000002.npz"))
    assert saved.arrays["progress"] == 0.25
    resumed, _ = start(steps=4, decay_half_life=0.5)
    assert resumed.progress.numpy() == 0.75
    constant, _ = start("constant", steps=4)
    assert constant.progress.numpy() == 0.0


def test_learning_rates_follow_the_share_of_the_minutes_where_it_is_larger(
    tmp_path: Path, start: Train
) -> None:
    start(steps=1, decay_half_life=0.5)
    path = str(tmp_path / "checkpoints" / "step-00000001.npz")
    saved = read_checkpoint(path)
    saved.about["metrics"]["seconds"] = 0.9 * 3600  # as if the first step had taken so long
    write_checkpoint(path, saved.arrays, saved.about)
    state, _ = start(steps=2, decay_half_life=0.5, max_minutes=60.0)
    assert 0.9 <= state.progress.numpy() <= 1.0
    saved = read_checkpoint(str(tmp_path / "checkpoints" / "step-00000002.npz"))
    assert saved.arrays["progress"] == state.progress.numpy()


def test_other_code_may_go_on_with_a_warning(
    tmp_path: Path,
    clip_shape: ClipShape,
    batch: Batch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dataset = tf.data.Dataset.from_tensors(batch).repeat()
    folder = str(tmp_path / "kept")
    for code, warnings in (("one", 0), ("one", 0), ("two", 1)):
        state = TrainingState(tiny(), clip_shape, 2)
        train(
            tiny(steps=1),
            state,
            lambda step: dataset,
            checkpoint_dir=folder,
            log_dir=str(tmp_path / "run"),
            code=code,
        )
        said = capsys.readouterr().err
        warning = (
            "warning: this training was started by a different version of the code. "
            f"To start over, delete {folder}"
        )
        assert said.count(warning) == warnings


def test_samples_and_scalars_go_to_any_file_system(start: Train) -> None:
    start(log_dir="ram://loop/run", steps=1)
    names = tf.io.gfile.listdir("ram://loop/run")
    assert any("tfevents" in name for name in names)
    with tf.io.gfile.GFile("ram://loop/run/samples/step-000001.gif", "rb") as file:
        assert Image.open(io.BytesIO(file.read())).n_frames == 4
