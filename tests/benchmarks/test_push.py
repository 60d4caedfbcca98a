from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.exhaustive
def test_no_version_is_broken_by_kills_and_full_disks() -> None:
    counts = {"pushes": 9, "killed": 3, "full-disk": 2, "at-once": 4, "megabytes": 0.5}
    options = [f"--{name}={value}" for name, value in counts.items()]
    # A process of its own, because it forks.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.push", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "None" not in done.stdout
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["refused_by_the_full_disk"] == 2
    assert result["versions_seen"] >= 6  # the first, the plain and the last pushes
    assert result["broken_versions_seen"] == result["left_over"] == result["pushes_not_whole"] == 0
    assert (result["versions_at_once"], result["at_once_not_whole"]) == (4, 0)
