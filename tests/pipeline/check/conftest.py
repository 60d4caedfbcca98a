"""A folder with runs of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.metadata.runs import RunReader
from tests.support.run_folders import write_runs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write_runs(tmp_path / "out")


@pytest.fixture
def reader(out: Path) -> RunReader:
    return RunReader(out)
