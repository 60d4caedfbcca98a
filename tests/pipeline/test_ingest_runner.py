"""The ingest without TFX."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.ingest_runner import IngestFailed, ingest_videos


def test_the_log_is_as_before_afterwards(tmp_path: Path):
    config = load_config(data=str(tmp_path / "videos"), out=str(tmp_path / "out"))
    with pytest.raises(IngestFailed):
        ingest_videos(config)
    assert logging.getLogger().isEnabledFor(logging.CRITICAL)


@pytest.mark.parametrize(
    ("message", "attempts"), [("didn't get control connection", 3), ("the disk is full", 1)]
)
def test_a_job_without_a_worker_is_started_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, attempts: int
):
    calls: list[str] = []

    def failing(data: str, *args: object, **options: object) -> None:
        calls.append(data)
        raise RuntimeError(message)

    monkeypatch.setattr("mocogan.pipeline.ingest_runner.ingest", failing)
    config = load_config(data=str(tmp_path / "videos"), out=str(tmp_path / "out"))
    with pytest.raises(IngestFailed):
        ingest_videos(config)
    assert len(calls) == attempts
