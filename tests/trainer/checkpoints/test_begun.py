"""A training has begun once it has a checkpoint. The newest checkpoint comes first."""

from __future__ import annotations

import os
from pathlib import Path

from mocogan.trainer.checkpoints.begun import begun_starts, has_begun

KEY = "0123456789abcdef"


def _checkpoint(folder: Path, seconds: int, step: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"step-{step:08d}.npz"
    path.touch()
    os.utime(path, (seconds, seconds))


def test_without_a_folder_nothing_has_begun(tmp_path: Path) -> None:
    assert begun_starts(str(tmp_path / "missing"), KEY) == []
    assert not has_begun(str(tmp_path / "missing"))


def test_the_training_with_the_newest_checkpoint_comes_first(tmp_path: Path) -> None:
    _checkpoint(tmp_path / KEY, seconds=200)
    _checkpoint(tmp_path / f"{KEY}-aa", seconds=100)
    _checkpoint(tmp_path / f"{KEY}-bb", seconds=150)
    _checkpoint(tmp_path / f"{KEY}-aa", seconds=300, step=7)
    assert begun_starts(str(tmp_path), KEY) == ["aa", "", "bb"]


def test_other_trainings_and_folders_without_a_checkpoint_do_not_count(tmp_path: Path) -> None:
    _checkpoint(tmp_path / "fedcba9876543210", seconds=100)
    _checkpoint(tmp_path / f"{KEY}0", seconds=100)
    empty = tmp_path / f"{KEY}-aa"
    empty.mkdir()
    (empty / "warm_start.json").touch()
    (empty / "step-00000001.npz.damaged").touch()
    assert begun_starts(str(tmp_path), KEY) == []
    assert not has_begun(str(empty))
