"""Counts of workers, added up."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from mocogan.components.video_example_gen import video_progress
from mocogan.components.video_example_gen.video_progress import (
    VideoProgress,
    counted,
    shown_progress,
)


def test_counts_of_all_workers_are_added(tmp_path: Path):
    sent = pickle.dumps(VideoProgress(str(tmp_path)))
    for clips in (2, 3):
        worker = pickle.loads(sent)
        for _ in range(clips):
            worker.clip_done()
        worker.video_done()
        worker.write()
    assert counted(str(tmp_path)) == (5, 2)
    (tmp_path / f"progress-{32 * '0'}").write_text("")  # is being written
    assert counted(str(tmp_path)) == (5, 2)


def test_without_a_folder_nothing_is_written():
    progress = VideoProgress()
    progress.clip_done()
    progress.write()


def test_silence_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(video_progress, "NOTICE_SECONDS", 0.0)
    monkeypatch.setattr(video_progress, "_SECONDS", 0.001)
    told = False
    with shown_progress(1, str(tmp_path)):
        while not told:
            told = "no worker has made a clip" in capsys.readouterr().err
    assert "no worker" not in capsys.readouterr().err
