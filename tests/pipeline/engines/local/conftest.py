"""Stand-ins for the schedulers of the machine, and a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_scheduler import FakeScheduler


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeScheduler:
    """Stand-ins for `crontab` and `systemctl`."""
    return FakeScheduler(tmp_path / "scheduler", monkeypatch)


@pytest.fixture
def content(tmp_path: Path) -> list[str]:
    """Options of a command that say what to run."""
    return ["--data", str(tmp_path / "my videos"), "--out", str(tmp_path / "out")]
