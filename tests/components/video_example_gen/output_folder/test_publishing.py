"""An ingest replaces the output of an earlier one as a whole, also if it is killed in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mocogan.components.video_example_gen.output_folder.publishing import (
    complete_publishing,
    new_whole,
    publish,
)

SHARD = "Split-train/data_tfrecord-00000-of-00001.gz"
FILES = (SHARD, "videos-00000-of-00001.jsonl", "source_files.jsonl", "ingest_report.json")


def write(folder: Path, content: str) -> None:
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(content)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A new ingest beside the output of an earlier one."""
    write(tmp_path, "earlier")
    (tmp_path / "Split-train/data_tfrecord-00001-of-00002.gz").write_text("earlier")
    folder = Path(new_whole(str(tmp_path)))
    write(folder, "new")
    return folder


def complete(out: Path) -> dict[str, str]:
    complete_publishing(str(out), str(out))
    return contents(out)


def test_the_new_output_replaces_the_earlier_one(tmp_path: Path, whole: Path):
    publish(str(whole), str(tmp_path), str(tmp_path))
    assert contents(tmp_path) == dict.fromkeys(FILES, "new")


def test_what_was_not_ready_is_deleted(tmp_path: Path, whole: Path):
    assert set(complete(tmp_path).values()) == {"earlier"}


def test_what_was_ready_is_completed(tmp_path: Path, whole: Path):
    (whole / "ready").touch()
    assert complete(tmp_path) == dict.fromkeys(FILES, "new")


@pytest.mark.parametrize("moved", range(len(FILES) + 1))
def test_renaming_is_completed_wherever_it_stopped(tmp_path: Path, whole: Path, moved: int):
    (whole / "ready").touch()
    (whole / "cleared").touch()
    for path in [*tmp_path.glob("Split-*/*"), *(p for p in tmp_path.iterdir() if p.is_file())]:
        path.unlink()
    for name in FILES[:moved]:
        (whole / name).rename(tmp_path / name)
    assert complete(tmp_path) == dict.fromkeys(FILES, "new")


def test_the_new_output_stays_if_deleting_the_rest_is_interrupted(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(folder: str) -> None:
        (Path(folder) / "cleared").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish(str(whole), str(tmp_path), str(tmp_path))
    assert complete(tmp_path) == dict.fromkeys(FILES, "new")
