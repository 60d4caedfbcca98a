from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.served import push_tiny

ROOT = Path(__file__).parents[2]


@pytest.mark.exhaustive
def test_no_answer_is_lost_or_wrong_and_memory_stays(tmp_path: Path) -> None:
    version = push_tiny(tmp_path, ("run",))
    command = ["benchmarks.serve", version, "--clips=16", "--requests=40", "--rounds=1"]
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    result = json.loads(
        done.stdout.splitlines()[-1]
    )  # the status depends on the speed of a tiny model
    assert (result["lost"], result["wrong"]) == (0, 0), done.stdout + done.stderr
    assert result["versions"] == 2
    assert result["memory_gained_by_4_versions_mb"] < 100
