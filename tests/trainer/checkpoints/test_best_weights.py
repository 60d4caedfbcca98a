from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.best_weights import BestWeights
from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]


class Generator(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable([0.0, 0.0])


def offer(best: BestWeights, generator: Generator, *measurements: tuple[int, float]) -> None:
    """Each step's weights are its number."""
    for step, distance in measurements:
        generator.weight.assign([step, step])
        best.offer(step, distance)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def generator() -> Generator:
    return Generator()


@pytest.mark.parametrize("address", ["", "ram://best_weights"])
def test_the_weights_of_the_lowest_distance_come_back(
    tmp_path: Path, generator: Generator, address: str
) -> None:
    folder = address or str(tmp_path)
    tf.io.gfile.makedirs(folder)
    best = BestWeights(generator, folder)
    assert best.as_json() == {}
    offer(best, generator, (10, 0.5), (20, 0.3), (30, 0.3), (40, 0.4))
    assert best.as_json() == {"step": 20, "clip_distance": 0.3}

    later = BestWeights(generator, folder)
    later.restore(best.as_json())
    later.forget_if_lost()
    later.load()
    np.testing.assert_array_equal(generator.weight, [20, 20])


def test_the_best_and_the_one_before_are_kept(tmp_path: Path, generator: Generator) -> None:
    best = BestWeights(generator, str(tmp_path))
    offer(best, generator, (10, 0.5), (20, 0.4), (30, 0.3))
    assert len(names(tmp_path)) == 3
    best.delete_older()
    assert names(tmp_path) == ["best-00000020.npz", "best-00000030.npz"]
    # The checkpoint of step 30 was damaged, or a kill came before it was written.
    best.restore({"step": 20, "clip_distance": 0.4})
    best.delete_older()
    assert names(tmp_path) == ["best-00000020.npz"]


@pytest.mark.parametrize("content", [b"", None], ids=["damaged", "missing"])
def test_lost_weights_make_room_for_later_ones(
    tmp_path: Path,
    generator: Generator,
    content: bytes | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    best = BestWeights(generator, str(tmp_path))
    offer(best, generator, (10, 0.3))
    path = tmp_path / "best-00000010.npz"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    best.forget_if_lost()
    assert "warning: the weights of the best step 10 are lost: " in capsys.readouterr().err
    offer(best, generator, (20, 0.4))
    assert best.as_json() == {"step": 20, "clip_distance": 0.4}


def test_weights_that_cannot_be_written_leave_the_best_ones(
    tmp_path: Path, generator: Generator
) -> None:
    best = BestWeights(generator, str(tmp_path))
    offer(best, generator, (10, 0.3))
    (tmp_path / "best-00000020.npz.partial").mkdir()  # no file can be written there
    with pytest.raises(NotWritten, match=r"cannot write .*best-00000020.npz: .* Free some disk"):
        offer(best, generator, (20, 0.2))
    assert best.as_json() == {"step": 10, "clip_distance": 0.3}


def test_they_are_no_checkpoint(tmp_path: Path, clip_shape: ClipShape) -> None:
    state = TrainingState(tiny(architecture="seed"), clip_shape, 0)
    checkpoints = CheckpointManager(state, str(tmp_path), 1)
    BestWeights(state.ema_generator, str(tmp_path)).offer(10, 0.5)
    assert checkpoints.restore() is None
    for step in (10, 20):
        state.step.assign(step)
        checkpoints.save({}, None)
    assert names(tmp_path) == ["best-00000010.npz", "step-00000020.npz"]
    checkpoints.publish(str(tmp_path / "out"))
    assert names(tmp_path / "out") == ["step-00000020.npz"]
