from __future__ import annotations

import json
from pathlib import Path

import pytest

from mocogan.pipeline.outputs.written_files import WrittenFiles, forget_files, record_files


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, list[str]]:
    """The two outputs of an execution with the number 7, recorded."""
    folders = {}
    for key in ("examples", "report"):
        folder = tmp_path / "Ingest" / key / "7"
        (folder / "sub").mkdir(parents=True)
        (folder / "a").write_bytes(bytes(10))
        (folder / "sub" / "b").write_bytes(bytes(20))
        folders[key] = [str(folder)]
    record_files(folders, 7)
    return folders


def test_whole_files_do_not_differ(folders: dict[str, list[str]]):
    Path(folders["examples"][0], "added").touch()
    records = WrittenFiles()
    assert [records.difference(folder) for (folder,) in folders.values()] == ["", ""]


def test_missing_and_truncated_files_are_named(folders: dict[str, list[str]]):
    examples, report = (Path(folder) for (folder,) in folders.values())
    (examples / "sub" / "b").unlink()
    (report / "a").write_bytes(bytes(9))
    records = WrittenFiles()
    assert records.difference(str(examples)) == "sub/b is missing"
    assert records.difference(str(report)) == "a has 9 bytes instead of 10"


def test_a_record_moves_with_the_files(folders: dict[str, list[str]], tmp_path: Path):
    (tmp_path / "Ingest").rename(tmp_path / "moved")
    moved = tmp_path / "moved" / "examples" / "7"
    assert WrittenFiles().difference(str(moved)) == ""
    (moved / "a").unlink()
    assert WrittenFiles().difference(str(moved)) == "a is missing"


def test_without_a_valid_record_nothing_is_known(folders: dict[str, list[str]], tmp_path: Path):
    other = tmp_path / "Ingest" / "examples" / "8"
    other.mkdir()
    assert WrittenFiles().difference(str(other)) is None
    record = tmp_path / "Ingest" / ".system" / "output_files" / "7.json"
    for content in ("", "[]", json.dumps({"examples": {"a": None}})):
        record.write_text(content)
        assert WrittenFiles().difference(folders["examples"][0]) is None


def test_folders_elsewhere_are_not_recorded(tmp_path: Path):
    record_files({"model": [str(tmp_path)]}, 7)
    assert list(tmp_path.iterdir()) == []


def test_a_record_goes_with_the_last_output(folders: dict[str, list[str]], tmp_path: Path):
    record = tmp_path / "Ingest" / ".system" / "output_files" / "7.json"
    for (folder,) in folders.values():
        forget_files(folder)
        assert record.is_file()
        Path(folder).rename(tmp_path / Path(folder).parent.name)
    forget_files(folder)
    assert not record.exists()
