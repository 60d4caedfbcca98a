from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.runners.run_lock import RunLock
from tests.support.commands import Refused
from tests.support.run_folders import FAILED, write_runs

COMMANDS = ["runs OUT", "runs show --out OUT", "runs diff --out OUT", "check OUT"]
HEAVY = {"tensorflow", "tfx", "apache_beam", "numpy"}
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


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    "command", [*COMMANDS, "runs rm 1 --out OUT --yes", "runs watch 1 --out OUT"]
)
def test_no_command_loads_a_heavy_library(command: str, out: Path):
    arguments = [str(out) if word == "OUT" else word for word in command.split()]
    shown = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, *arguments], capture_output=True, text=True
    )
    assert shown.stdout.splitlines()[-1] == "heavy: []", shown.stderr


def test_runs_lists_by_default(out: Path):
    listed = run("runs", out)
    assert listed.exit_code == 0
    assert listed.output == run("runs", "list", out).output
    assert len([line for line in listed.output.splitlines() if "2026-01-01" in line]) == 6
    limited = run("runs", out, "--limit", 2).output
    assert limited.splitlines()[-1] == "2 of 6 runs. --limit N or --all lists more"


def test_json_is_a_list_of_runs(out: Path):
    listed = json.loads(run("runs", out, "--json").output)
    assert [entry["run"] for entry in listed] == [6, 5, 4, 3, 2, 1]
    shown = json.loads(run("runs", "show", "longer", "--out", out, "--json").output)
    assert (shown["run"], shown["name"]) == (2, "longer")
    changes = json.loads(run("runs", "diff", "1", "2", "--out", out, "--json").output)
    (distance,) = (change for change in changes if change["key"] == "clip_distance")
    assert distance["first"]["low"] == 1.8


def test_a_difference_is_to_the_run_before_by_default(out: Path):
    shown = run("runs", "diff", "--out", out).output
    assert "run 5" in shown.splitlines()[0]
    assert "run 6" in shown.splitlines()[0]
    assert "run 1 (first)" in run("runs", "diff", "first", "--out", out).output


def test_removing_asks_first(out: Path):
    before = sorted(out.rglob("*"))
    planned = run("runs", "rm", "1", "--out", out, "--dry-run")
    assert planned.exit_code == 0
    assert "to delete" in planned.output
    refused = CliRunner().invoke(cli, ["runs", "rm", "1", "--out", str(out)], input="n\n")
    assert refused.output.startswith(planned.output)
    lock = out / "runs" / "mocogan.lock"
    assert [path for path in sorted(out.rglob("*")) if path != lock] == before
    done = CliRunner().invoke(cli, ["runs", "rm", "1", "--out", str(out)], input="y\n")
    assert done.output.endswith("run 1 is removed\n")
    assert "first" not in run("runs", out).output
    assert "first" not in run("runs", out, "--all").output, "the name was in its folder"
    assert len(json.loads(run("runs", out, "--all", "--json").output)) == 6


def test_nothing_is_removed_while_the_pipeline_runs(out: Path):
    code = (
        "import sys; from mocogan.pipeline.cli.main import main; "
        f"sys.argv = ['mocogan', 'runs', 'rm', '1', '--yes', '--out', {str(out)!r}]; main()"
    )
    with RunLock(out, "mocogan"):
        refused = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "error: pipeline 'mocogan' is already running" in refused.stderr


def test_watching_tells_by_its_status_how_the_run_ended(out: Path):
    assert run("runs", "watch", "--out", out).exit_code == 0
    failed = run("runs", "watch", FAILED, "--out", out)
    assert failed.exit_code == 1
    assert "weights contain NaN" in failed.output


def test_mistakes_are_one_line(out: Path, tmp_path: Path, refused: Refused):
    (line,) = refused("runs", str(tmp_path / "new"))
    assert line.startswith("error: no ML Metadata store at ")
    (line,) = refused("runs", "show", "9" * 30, "--out", str(out))
    assert line.startswith(f"error: no run '{'9' * 30}'")
    (line,) = refused("runs", "diff", "--out", str(tmp_path / "new"))
    assert line.startswith("error: no ML Metadata store at ")
