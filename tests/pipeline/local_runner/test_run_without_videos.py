"""Runs that have no video to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pipeline_project import Project

pytestmark = pytest.mark.slow


def test_a_folder_without_a_good_video_fails_with_one_clear_message(tmp_path: Path):
    hopeless = Project(tmp_path)
    hopeless.configure()
    hopeless.videos.mkdir()
    (hopeless.videos / "a.mp4").write_text("not a video")
    run = hopeless.run()
    assert run.status == 1
    (error,) = (line for line in run.text.splitlines() if line.startswith("error:"))
    assert "VideoExampleGen failed" in error
    assert "a.mp4" in error
    assert "Traceback" not in run.text
    page = (hopeless.out / "site" / "runs" / "1.html").read_text(encoding="utf-8")
    assert "<title>Run 1 · failed</title>" in page


def test_a_missing_folder_fails_before_anything_runs(tmp_path: Path):
    project = Project(tmp_path)
    project.configure()
    run = project.run()
    assert run.status == 1
    assert f"error: data folder '{project.videos}' does not exist" in run.text
    assert not project.out.exists()
