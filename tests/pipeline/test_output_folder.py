from __future__ import annotations

import os
from pathlib import Path

import pytest

from mocogan.pipeline.output_folder import OutNotWritable, check_writable
from tests.support.small_disk import fill, small_disk

__all__ = ["small_disk"]


def test_a_folder_that_can_be_made_is_not_left_behind(tmp_path: Path):
    check_writable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    check_writable(tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["mine"]


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("a_file", "a_file is a file"),
        ("a_file/out", "a_file is a file"),
        ("new/" + "x" * 300, "File name too long"),
    ],
)
def test_the_reason_is_named(tmp_path: Path, out: str, reason: str):
    (tmp_path / "a_file").touch()
    with pytest.raises(OutNotWritable, match=f"^--out .* cannot be written: .*{reason}$"):
        check_writable(tmp_path / out)
    assert os.listdir(tmp_path) == ["a_file"]


@pytest.mark.parametrize("free", [0, 16384])
def test_a_full_disk_is_named(free: int, small_disk: Path):
    filler = fill(small_disk)
    os.truncate(filler, filler.stat().st_size - free)
    with pytest.raises(OutNotWritable, match=f"the disk of {small_disk} is full"):
        check_writable(small_disk)
