"""Finding a model among the pushed versions, and copying it. The baseline tests have damaged versions."""

from __future__ import annotations

from pathlib import Path

from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.pushed_version import copy_model, find_version


def test_the_newest_wanted_version_is_found(tmp_path: Path, models: list[str]) -> None:
    folders = [push(model, str(tmp_path)).folder for model in models]
    digests = [model_sha256(model) for model in models]
    newest = find_version(str(tmp_path), lambda digest: True)
    assert newest == (folders[-1], digests[-1])
    assert find_version(str(tmp_path), digests[:1].__contains__) == (folders[0], digests[0])
    assert find_version(str(tmp_path), lambda digest: False) is None


def test_the_copy_has_all_files(tmp_path: Path, models: list[str]) -> None:
    pushed = push(models[0], str(tmp_path / "pushed")).folder
    copy_model(pushed, str(tmp_path / "copy"))
    names = [
        sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
        for folder in (pushed, tmp_path / "copy")
    ]
    assert names[0] == names[1]
    assert "saved_model.pb" in names[0]
