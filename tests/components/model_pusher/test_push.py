from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.components.model_pusher import local_versions
from mocogan.components.model_pusher.manifest import ModelChanged, model_sha256, verify
from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.versions import list_versions
from mocogan.trainer.contract import read_model_description
from tests.support.model_description import DESCRIPTION


@pytest.fixture
def serving(tmp_path: Path) -> str:
    """A folder of versions that does not exist yet."""
    return str(tmp_path / "serving" / "mocogan")


def names(serving: str) -> list[str]:
    return sorted(os.listdir(serving))


def test_a_version_is_the_model_with_a_manifest(serving: str, models: list[str]) -> None:
    pushed = push(models[2], f"{serving}/", run="run-1", evaluation="/blessing", now=lambda: 1e9)
    assert pushed.folder == f"{serving}/1000000000"
    assert pushed.manifest == verify(pushed.folder)
    assert pushed.manifest.model_dump(exclude={"files"}) == {
        "format_version": 1,
        "version": "1000000000",
        "model_sha256": model_sha256(models[2]),
        "run": "run-1",
        "evaluation": "/blessing",
        "pushed_at": "2001-09-09T01:46:40+00:00",
    }
    assert read_model_description(pushed.folder) == DESCRIPTION
    clips = tf.saved_model.load(pushed.folder).signatures["serving_default"](
        num_clips=tf.constant(1), seed=tf.constant(0, tf.int64)
    )
    assert (clips["clips"].numpy() == 2).all()
    assert names(serving) == ["1000000000"]


def test_servers_of_other_users_can_read_a_version(serving: str, models: list[str]) -> None:
    folder = Path(push(models[0], serving).folder)
    mask = os.umask(0)
    os.umask(mask)
    assert folder.stat().st_mode & 0o777 == 0o777 & ~mask
    assert (folder / "saved_model.pb").stat().st_mode & 0o777 == 0o666 & ~mask


def test_the_newest_model_is_not_pushed_twice(serving: str, models: list[str]) -> None:
    first = push(models[0], serving, run="run-1")
    assert push(models[0], serving, run="run-2") == first
    push(models[1], serving)
    assert push(models[0], serving, run="run-3").folder != first.folder
    assert len(list_versions(serving)) == 3


@pytest.mark.parametrize("file", ["saved_model.pb", "assets.extra/manifest.json"])
def test_a_damaged_version_is_pushed_again(serving: str, models: list[str], file: str) -> None:
    first = push(models[0], serving)
    Path(first.folder, file).write_bytes(b"{}")
    again = push(models[0], serving)
    assert again.folder != first.folder
    verify(again.folder)


def test_a_version_without_a_manifest_is_not_compared(serving: str, models: list[str]) -> None:
    other = Path(serving, "9999999999")
    other.mkdir(parents=True)
    assert push(models[0], serving).folder == f"{serving}/10000000000"


def test_old_versions_are_deleted(serving: str, models: list[str]) -> None:
    for second, model in enumerate([*models, *models]):
        push(model, serving, now=lambda second=second: 100.0 + second)
    assert list_versions(serving) == ["100", "101", "102", "103", "104", "105"]
    (Path(serving) / "50").mkdir()  # half of a model, which does not count
    push(models[2], serving, keep_versions=3, now=lambda: 200.0)  # the newest model already
    assert list_versions(serving) == ["50", "103", "104", "105"]
    push(models[0], serving, keep_versions=1, now=lambda: 200.0)
    assert list_versions(serving) == ["50", "200"]
    assert set(names(serving)) == {"50", "200"}


def test_a_link_is_deleted_and_not_its_target(serving: str, models: list[str]) -> None:
    Path(serving).mkdir(parents=True)
    Path(serving, "5").symlink_to(models[1])
    push(models[0], serving, keep_versions=1)
    assert not os.path.lexists(f"{serving}/5")
    assert Path(models[1], "saved_model.pb").exists()


def test_what_is_left_over_is_deleted(serving: str, models: list[str]) -> None:
    # As after a kill: half of a version, half of a deletion, and the lock file without a lock.
    for name in (".pushing-a", ".deleting-5"):
        Path(serving, name, "variables").mkdir(parents=True)
    Path(serving, ".push.lock").touch()
    push(models[0], serving)
    assert names(serving) == list_versions(serving)


def test_a_full_disk_leaves_nothing(
    serving: str, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    push(models[0], serving)
    before = names(serving)
    monkeypatch.setattr(os, "fsync", _disk_full)
    with pytest.raises(OSError, match="No space left on device"):
        push(models[1], serving)
    assert names(serving) == before


def _disk_full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_name_that_someone_else_takes_is_not_replaced(
    serving: str, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def taken(source: str, target: str) -> None:
        if not os.path.exists(f"{serving}/100"):
            Path(serving, "100").mkdir()
            Path(serving, "100", "theirs").touch()
        rename(source, target)

    monkeypatch.setattr(os, "rename", taken)
    pushed = push(models[0], serving, now=lambda: 100.0)
    assert pushed.folder == f"{serving}/101"
    assert pushed.manifest.version == "101"
    assert os.listdir(f"{serving}/100") == ["theirs"]


def test_a_model_that_changes_meanwhile_is_not_pushed(
    serving: str, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(model: str, path: str) -> None:
        Path(path).write_bytes(b"")
        Path(model, "fingerprint.pb").write_bytes(b"other")

    monkeypatch.setattr(local_versions, "write_warm_up_requests", change)
    with pytest.raises(ModelChanged, match=r"fingerprint\.pb differs from the model"):
        push(str(shutil.copytree(models[0], tmp_path / "model")), serving)
    assert names(serving) == []
