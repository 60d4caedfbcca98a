from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.components.model_pusher.versions import (
    list_versions,
    list_whole_versions,
    next_version,
)


def make(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).mkdir()
    return str(folder)


def test_only_whole_numbers_are_versions(tmp_path: Path) -> None:
    names = ("9", "10", "007", ".pushing-1", "1.5", "-3", "\u0663", "1e3", "v4", str(1 << 63))
    assert list_versions(make(tmp_path, *names)) == ["007", "9", "10"]


def test_a_missing_folder_has_no_versions(tmp_path: Path) -> None:
    assert list_versions(str(tmp_path / "missing")) == []


def test_a_version_without_a_model_is_not_whole(tmp_path: Path) -> None:
    folder = make(tmp_path, "1", "2")
    (tmp_path / "2" / "saved_model.pb").touch()
    assert list_whole_versions(folder) == ["2"]


@pytest.mark.parametrize(
    ("existing", "now", "version"),
    [
        ((), 1_800_000_000.9, "1800000000"),
        (("5",), 1_800_000_000.0, "1800000000"),
        (("1800000000",), 1_800_000_000.0, "1800000001"),
        (("1800000000", "1800000007"), 1_700_000_000.0, "1800000008"),
    ],
    ids=["first", "later", "same second", "clock set back"],
)
def test_a_new_version_is_above_all_others(
    tmp_path: Path, existing: tuple[str, ...], now: float, version: str
) -> None:
    assert next_version(make(tmp_path, *existing), now) == version
