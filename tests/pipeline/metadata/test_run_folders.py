from __future__ import annotations

from pathlib import Path

from mocogan.pipeline.metadata.run_folders import config_file, run_folder


def test_a_run_has_the_folder_that_was_named_just_before_it(tmp_path: Path):
    for name in ("2026-11-30T10-00-00", "2026-11-30T10-00-09", "2026-11-30T10-00-30", "notes"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    found = run_folder(str(tmp_path), "2026-11-30T10:00:11.250000")
    assert found == tmp_path / "runs" / "2026-11-30T10-00-09"


def test_a_run_without_a_folder_has_none(tmp_path: Path):
    (tmp_path / "runs" / "2026-11-30T10-00-00").mkdir(parents=True)
    assert run_folder(str(tmp_path), "2026-11-30T11:00:00.250000") is None
    assert run_folder(str(tmp_path), "run-1") is None
    assert config_file(str(tmp_path), "2026-11-30T10:00:01.000000") is None
