from __future__ import annotations

from pathlib import Path

from mocogan.pipeline.metadata.run_folders import config_files, find_run_folders
from mocogan.pipeline.runners.run_process import this_process, write_run_process


def test_a_run_has_the_folder_that_names_it(tmp_path: Path):
    for name, run in (("2026-11-30T10-00-00", "a"), ("2026-11-30T10-00-09", "b")):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        write_run_process(folder, this_process("mocogan", None)._replace(pipeline_run=run))
    found = find_run_folders(tmp_path, ["a", "b", "c"])
    assert {run: folder.name for run, (folder, _) in found.items()} == {
        "a": "2026-11-30T10-00-00",
        "b": "2026-11-30T10-00-09",
    }
    assert config_files(str(tmp_path), ["a", "b"]) == {}
    path = tmp_path / "runs" / "2026-11-30T10-00-09" / "config.yaml"
    path.touch()
    assert config_files(str(tmp_path), ["a", "b"]) == {"b": path}


def test_without_a_record_a_run_has_the_folder_that_was_named_just_before_it(tmp_path: Path):
    for name in ("2026-11-30T10-00-00", "2026-11-30T10-00-09", "2026-11-30T10-00-30"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    run = "2026-11-30T10:00:11.250000"
    ((folder, process),) = find_run_folders(tmp_path, [run]).values()
    assert (folder.name, process) == ("2026-11-30T10-00-09", None)
    assert find_run_folders(tmp_path, ["2026-11-30T09:00:00.250000"]) == {}
