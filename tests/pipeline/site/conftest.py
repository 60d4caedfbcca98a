"""A folder with runs and clips, and its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.site.writer import write_site
from tests.support.recorded_pipeline import store
from tests.support.run_sites import write_runs_with_clips

__all__ = ["store"]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runs_with_clips(tmp_path_factory.mktemp("runs") / "my out")


@pytest.fixture(scope="module")
def site(out: Path) -> Path:
    return write_site(out).page.parent
