from __future__ import annotations

import pytest

from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.experiments.timed_config import timed_config


def test_minutes_end_the_training() -> None:
    config = timed_config("v", "o", 1.5, "shapes", [])
    assert config.trainer.run.max_minutes == 1.5
    assert config.trainer.run.steps == 10**9
    assert config.trainer.optimizer.decay_half_life == 0.118  # of the preset


def test_assignments_win_over_all_but_the_minutes() -> None:
    assignments = ["trainer.run.steps=5", "ingest.frame_stride=3", "trainer.run.max_minutes=9"]
    config = timed_config("v", "o", 1.5, "default", assignments)
    assert (config.trainer.run.steps, config.ingest.frame_stride) == (5, 3)
    assert config.trainer.run.max_minutes == 1.5
    assert config.preset is None


def test_bad_minutes_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^trainer\.run\.max_minutes=-1 must be "):
        timed_config("v", "o", -1, "default", [])


def test_databases_are_refused() -> None:
    with pytest.raises(ConfigError, match="experiments use sqlite"):
        timed_config("v", "o", 1, "default", ["metadata=mysql://me@db/runs"])
