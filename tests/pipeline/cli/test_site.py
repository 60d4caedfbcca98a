from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused
from tests.support.run_folders import write_runs

HEAVY = {"tensorflow", "tfx", "apache_beam"}
IN_A_PROCESS = f"""
import sys
from mocogan.pipeline.cli.main import cli
try:
    cli(sys.argv[1:])
finally:
    print("heavy:", sorted({HEAVY!r} & set(sys.modules)))
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write_runs(tmp_path / "out")


def test_the_site_is_named_and_no_heavy_library_is_loaded(out: Path):
    shown = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, "site", str(out)], capture_output=True, text=True
    )
    first, heavy = shown.stdout.splitlines()
    assert first.startswith(f"{out}/site/index.html  6 runs, 35 artifacts, ")
    assert heavy == "heavy: []", shown.stderr


def test_the_folders_can_be_named_and_the_result_can_be_json(out: Path, tmp_path: Path):
    done = CliRunner().invoke(
        cli, ["site", "--out", str(out), "--html", str(tmp_path / "html"), "--json"]
    )
    written = json.loads(done.output)
    assert written["page"] == str(tmp_path / "html" / "index.html")
    assert (written["runs"], written["kept"]) == (6, 0)


def test_a_missing_store_is_one_line(tmp_path: Path, refused: Refused):
    (line,) = refused("site", str(tmp_path))
    assert line.startswith("error: no ML Metadata store at ")
