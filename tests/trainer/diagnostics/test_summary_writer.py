from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.trainer.diagnostics.summary_writer import SummaryWriter
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def writer(tmp_path: Path, clip_shape: tuple[int, int, int, int]) -> SummaryWriter:
    config = tiny(architecture="seed")
    return SummaryWriter(config, TrainingState(config, clip_shape, 0), str(tmp_path))


def events(folder: Path) -> list[tuple[int, str, float | bytes]]:
    """(step, tag, value) in the order of writing."""
    [path] = folder.glob("events.out.tfevents.*")
    found = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            content = tf.make_ndarray(value.tensor).item()
            found.append((event.step, value.tag, content))
    return found


def test_scalars_are_written_by_name_and_step(writer: SummaryWriter, tmp_path: Path) -> None:
    writer.write_scalars(1, {"losses/d_loss": 0.5, "sample_distance": 0.25})
    writer.write_scalars(2, {"losses/d_loss": 0.75})
    assert events(tmp_path) == [
        (1, "losses/d_loss", 0.5),
        (1, "sample_distance", 0.25),
        (2, "losses/d_loss", 0.75),
    ]


def test_a_text_is_written_when_it_changes(writer: SummaryWriter, tmp_path: Path) -> None:
    for step, text in enumerate(("healthy", "healthy", "ill", "healthy")):
        writer.write_text(step, "doctor/verdict", text)
    assert events(tmp_path) == [
        (0, "doctor/verdict", b"healthy"),
        (2, "doctor/verdict", b"ill"),
        (3, "doctor/verdict", b"healthy"),
    ]


def test_samples_go_to_a_folder_of_their_own(writer: SummaryWriter, tmp_path: Path) -> None:
    writer.write_samples(7)
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["step-000007.gif"]
