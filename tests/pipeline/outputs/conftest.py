"""Output folders with runs of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store.store import RunStore
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.runs import Output, RunReader
from tests.support.run_folders import RUNS


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of the pipeline of RUNS. All its artifacts have recorded files."""
    store = RunStore(tmp_path / "out", files=True, recorded=True)
    for run in RUNS:
        store.add(run)
    store.write()
    return load_config(data="videos", out=str(tmp_path / "out"))


def output(config: Config, run: int, key: str) -> Output:
    """What a run wrote or used."""
    found = RunReader(config.out).find(str(run)).output(key)
    assert found is not None
    return found
