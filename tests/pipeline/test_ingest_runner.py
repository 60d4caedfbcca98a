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
