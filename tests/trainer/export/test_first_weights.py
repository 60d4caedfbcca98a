"""A training that has begun keeps its weights and the record of its start."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.trainer.contract import Base
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.export.first_weights import first_weights
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

BASE = Base(model_sha256="ab" * 32, folder="/pushed/17")


@pytest.fixture
def fresh(clip_shape: tuple[int, int, int, int]) -> TrainingState:
    return TrainingState(tiny(seed=2), clip_shape, 2)


def test_a_training_without_a_checkpoint_takes_the_weights_each_time(
    fresh: TrainingState, exported: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "kept" / "key")
    for _ in range(2):
        taken = first_weights(fresh, BASE, exported, folder, ("a", "b"))
        assert taken.taken == taken.variables
        printed = capsys.readouterr().err
        assert f"starting from 17: {taken.taken} of {taken.variables} variables" in printed
        assert "new classes a, b. Discriminators, optimizers and schedule start anew" in printed


def test_a_training_with_a_checkpoint_needs_the_model_no_more(
    fresh: TrainingState, exported: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = first_weights(fresh, BASE, exported, str(tmp_path), ("a", "b"))
    with pytest.raises(ValueError, match=f"{'ab' * 32}, from which .* is gone, and there is no ch"):
        first_weights(fresh, BASE, None, str(tmp_path), ("a", "b"))
    (tmp_path / "step-00000000.npz").touch()
    capsys.readouterr()
    gone = Base(model_sha256="ab" * 8)
    assert first_weights(fresh, gone, None, str(tmp_path), ("a", "b")) == first
    assert capsys.readouterr().err == ""


def test_a_folder_that_cannot_be_written_is_an_error(
    fresh: TrainingState, exported: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritten, match=r"cannot write .*warm_start\.json"):
        first_weights(fresh, BASE, exported, str(tmp_path / "file" / "key"), ())
