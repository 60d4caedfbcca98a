from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from mocogan.trainer.checkpoints.checkpoint_file import (
    DamagedCheckpoint,
    read_checkpoint,
    write_checkpoint,
)


def test_arrays_and_what_is_known_about_them_come_back(tmp_path: Path) -> None:
    arrays = {"a/b": np.arange(6, dtype=np.float32).reshape(2, 3), "step": np.int64(7)}
    about = {"code": "abc", "losses": {"d_loss": 0.5}, "none": None}
    write_checkpoint(str(tmp_path / "step.npz"), arrays, about)
    saved = read_checkpoint(str(tmp_path / "step.npz"))
    assert saved.about == about
    assert set(saved.arrays) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(saved.arrays[name], array)
        assert saved.arrays[name].dtype == array.dtype


def test_one_changed_bit_anywhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "step.npz"
    write_checkpoint(str(path), {"a": np.zeros(3)}, {})
    whole = path.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DamagedCheckpoint, match=r"step.npz is damaged or truncated"):
            read_checkpoint(str(path))


def test_what_cannot_be_written_leaves_the_old_file(
    tmp_path: Path, full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "step.npz"
    write_checkpoint(str(path), {"a": np.zeros(10)}, {})
    with full_disk(), pytest.raises(OSError, match="File too large"):
        write_checkpoint(str(path), {"a": np.ones(100_000)}, {})
    assert [each.name for each in tmp_path.iterdir()] == ["step.npz"]
    with np.load(path) as archive:
        assert archive["a"].tolist() == [0.0] * 10
