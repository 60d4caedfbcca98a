"""Which pushed version is the baseline."""

from __future__ import annotations

from pathlib import Path

from mocogan.components.baseline.pushed_baseline import (
    baseline_from_text,
    baseline_text,
    find_baseline,
)
from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.pushed_version import PushedVersion


def test_without_pushed_versions_there_is_no_baseline(tmp_path: Path, models: list[str]) -> None:
    assert find_baseline(str(tmp_path / "missing"), models[0]) is None


def test_the_newest_other_model_is_found(tmp_path: Path, models: list[str]) -> None:
    folders = [push(model, str(tmp_path)).folder for model in models]
    first = PushedVersion(folders[1], model_sha256(models[1]))
    assert find_baseline(str(tmp_path), models[2]) == first
    assert find_baseline(f"{tmp_path}/", models[0]) == PushedVersion(
        folders[2], model_sha256(models[2])
    )


def test_a_damaged_version_is_skipped(tmp_path: Path, models: list[str]) -> None:
    folders = [push(model, str(tmp_path)).folder for model in models]
    Path(folders[1], "saved_model.pb").write_bytes(b"damaged")
    found = find_baseline(str(tmp_path), models[2])
    assert found is not None
    assert found.folder == folders[0]


def test_a_version_without_a_manifest_counts(tmp_path: Path, models: list[str]) -> None:
    folder = push(models[0], str(tmp_path)).folder
    Path(folder, "assets.extra/manifest.json").unlink()
    assert find_baseline(str(tmp_path), models[0]) is None
    found = find_baseline(str(tmp_path), models[1])
    assert found is not None
    assert found.folder == folder


def test_the_text_is_read_again(tmp_path: Path) -> None:
    baseline = PushedVersion(str(tmp_path / "17"), "ab")
    assert baseline_from_text(baseline_text(baseline)) == baseline
    assert baseline.version == "17"
    assert baseline_from_text(baseline_text(None)) is None
