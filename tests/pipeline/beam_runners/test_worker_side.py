"""What a worker looks at before the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.beam_runners.worker_side import (
    Expected,
    WorkerUnfit,
    look,
    message_in,
    versions,
)


def message(expected: Expected) -> str:
    """What a runner's error has of the worker's."""
    with pytest.raises(WorkerUnfit) as raised:
        look(0, expected)
    found = message_in(f"job-001 failed:\nTraceback:\n  {raised.value} [while running 'Look']")
    assert found is not None
    return found


@pytest.fixture
def fit(tmp_path: Path) -> Expected:
    """What this process finds."""
    (tmp_path / "out").mkdir()
    (tmp_path / "a.mp4").touch()
    (tmp_path / "out" / "mark").touch()
    return Expected(versions(), str(tmp_path), ["a.mp4"], str(tmp_path / "out" / "mark"))


def test_a_fit_worker_raises_nothing(fit: Expected):
    look(0, fit)
    look(0, fit._replace(data="gs://bucket/videos", names=[], mark=None))
    assert message_in("another error") is None


def test_other_versions_are_named(fit: Expected):
    found = message(fit._replace(versions=versions() | {"Apache Beam": "2.10.0"}))
    assert f"has Apache Beam {versions()['Apache Beam']}, and this environment has 2.10.0" in found


def test_folders_that_are_missing_or_not_writable_are_named(fit: Expected, tmp_path: Path):
    found = message(fit._replace(names=["a.mp4", "b.mp4"]))
    assert f"does not see data={tmp_path}: 'b.mp4' is missing there" in found
    found = message(fit._replace(mark="/missing/mark"))
    assert "does not see out=/missing. Use a folder that all workers mount" in found
