from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused
from tests.support.metadata_store import Recorder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with two runs of a node, whose code changed."""
    (tmp_path / "tfx_metadata").mkdir()
    recorder = Recorder(tmp_path / "tfx_metadata/metadata.db")
    for number in (1, 2):
        recorder.new_run(f"run-{number}")
        code = f"code {number}"
        recorder.execute("Transform", {}, {}, cache_key=code, code_fingerprint=code)
    return tmp_path


def test_what_changed_is_printed(out: Path):
    result = CliRunner().invoke(cli, ["explain", "--out", str(out)])
    assert result.exit_code == 0, result.output
    run, node, change = result.output.splitlines()
    assert run == "run run-2"
    assert node.startswith("Transform         ran, compared with execution 1 of ")
    assert change == "  code fingerprint: code 1 -> code 2"


def test_json_has_the_same_facts(out: Path):
    result = CliRunner().invoke(cli, ["explain", "transform", "--out", str(out), "--json"])
    (node,) = json.loads(result.output)["nodes"]
    assert node["changes"] == [
        {"kind": "code", "name": "fingerprint", "before": "code 1", "after": "code 2"}
    ]


def test_an_unknown_node_and_a_missing_store_are_one_line(out: Path, refused: Refused):
    (line,) = refused("explain", "Banana", "--out", str(out))
    assert line == "error: the last run, run-2, has no node 'Banana'. It has Transform"
    (line,) = refused("explain", "--out", str(out / "none"))
    assert line.startswith("error: no ML Metadata store at ")


def test_no_heavy_library_is_loaded(out: Path):
    code = f"""
import sys
from mocogan.pipeline.cli.main import cli
cli(["explain", "--out", {str(out)!r}], standalone_mode=False)
cli(["explain", "--out", {str(out)!r}, "--json"], standalone_mode=False)
print({{"tensorflow", "tfx", "apache_beam", "av", "numpy"}} & set(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.stdout.splitlines()[-1:] == ["set()"], shown.stderr
